import { expect, test } from "vitest";
import { withoutSecrets } from "../../src/queue/worker.ts";

test("what BullMQ keeps of an error holds no secret, and is the same error", () => {
  const error = new TypeError("GET https://svc:hunter2@store.example/b failed");
  const kept = withoutSecrets(error);
  expect(kept).toBe(error);
  expect(error.message).toBe("GET https://***@store.example/b failed");
  expect(error.stack).toContain("TypeError: GET https://***@store.example/b failed");
  expect(error.stack).not.toContain("hunter2");
  expect(withoutSecrets("not an error")).toBe("not an error");
});
