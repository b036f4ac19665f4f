import { WebAPIHTTPError, WebAPIRateLimitedError, WebAPIRequestError } from "@slack/web-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ANA, FLINK_OPS, INCIDENT } from "../../../playground/slack/workspace-seed.ts";
import { newStage, type Stage } from "./harness.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await newStage();
});
afterEach(async () => await stage.end());

const post = async (text: string, channel = FLINK_OPS) =>
  await stage.client.apiCall("chat.postMessage", { channel, text }).then(
    () => "sent",
    (error: unknown) => error,
  );
const said = async () => (await stage.driver.messages(FLINK_OPS, ANA)).map((one) => one.plain);
const method = "chat.postMessage";

test("a lost reply leaves the message there; a reset does not", async () => {
  await stage.driver.fault({ method, drop: true, applied: true });
  expect(await post("lost reply")).toBeInstanceOf(WebAPIRequestError);
  await stage.driver.fault({ method, drop: true });
  expect(await post("never arrived")).toBeInstanceOf(WebAPIRequestError);
  expect(await said()).toEqual(["lost reply"]);
  expect(await stage.driver.calls(method)).toMatchObject([
    { applied: true, lost: true },
    { applied: false, lost: true },
  ]);
});

test("an outage, a refusal, a rate limit, each as often as told", async () => {
  await stage.driver.fault({ method, status: 503, times: 2 });
  expect([await post("a"), await post("b")]).toEqual([
    expect.any(WebAPIHTTPError),
    expect.any(WebAPIHTTPError),
  ]);
  await stage.driver.fault({ method, error: "internal_error" });
  expect(await post("c")).toMatchObject({ data: { error: "internal_error" } });
  await stage.driver.fault({ method, retryAfter: 7 });
  expect(await post("d")).toBeInstanceOf(WebAPIRateLimitedError);
  await stage.driver.fault({ method, status: 500, applied: true });
  expect(await post("e")).toBeInstanceOf(WebAPIHTTPError);
  expect(await post("f")).toBe("sent");
  expect(await said()).toEqual(["e", "f"]);
});

test("a fault may hit one channel only, and be cleared", async () => {
  await stage.driver.fault({ method, channel: INCIDENT, status: 503, times: 9 });
  expect(await post("here")).toBe("sent");
  expect(await post("there", INCIDENT)).toBeInstanceOf(WebAPIHTTPError);
  await stage.driver.clearFaults();
  expect(await post("there", INCIDENT)).toBe("sent");
});

test("a slow answer is as slow as told", async () => {
  await stage.driver.fault({ method, delayMs: 80 });
  await post("slow");
  const [call] = await stage.driver.calls(method);
  expect(call?.ms).toBeGreaterThanOrEqual(79);
});

test("a wait that fails shows what the person sees", async () => {
  await post("*hello* <https://example.com|there>");
  const wait = stage.driver.waitForMessage(ANA, FLINK_OPS, () => false, { timeoutMs: 20, what: "a card" });
  await expect(wait).rejects.toThrow(/waited 20 ms for a card; [\s\S]*#flink-ops[\s\S]*flink: hello there/);
});
