import { describe, expect, test } from "vitest";
import { checkedApiUrl } from "../../src/slack/client.ts";
import { isResponseUrl } from "../../src/slack/response-url.ts";

describe("addresses", () => {
  test.each([
    ["https://hooks.slack.com/commands/1", "https://slack.com/api/", true],
    ["https://hooks.slack-gov.com/x", "https://slack-gov.com/api/", true],
    ["http://hooks.slack.com/x", "https://slack.com/api/", false],
    ["https://slack.com.evil.example/x", "https://slack.com/api/", false],
    ["https://evilslack.com/x", "https://slack.com/api/", false],
    ["https://u:p@hooks.slack.com/x", "https://slack.com/api/", false],
    ["http://127.0.0.1:4/x", "https://slack.com/api/", false],
    ["http://127.0.0.1:4/x", "http://127.0.0.1:5/api/", true],
    ["https://hooks.slack.com/x", "http://127.0.0.1:5/api/", false],
    ["", "https://slack.com/api/", false],
  ])("response_url %s for %s: %s", (url, api, expected) => {
    expect(isResponseUrl(url, api)).toBe(expected);
  });
  test("the API is https, or on this machine", () => {
    expect(checkedApiUrl("https://slack.com/api")).toBe("https://slack.com/api/");
    expect(checkedApiUrl("http://localhost:1/api/")).toBe("http://localhost:1/api/");
    expect(() => checkedApiUrl("http://slack.com/api/")).toThrow("https, or loopback");
  });
});
