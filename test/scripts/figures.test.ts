import { describe, expect, it } from "vitest";
import { withFigures } from "../../scripts/figures.ts";

const README = "It is quick. <!-- figures -->old<!-- end of figures --> More.";
const RESULTS = `# Figures

| what | figure | times what it is beside |
|---|---|---|
| ack of /flink savepoint | 4.0 ms (p95 7.1) | 6.8x |
| the same, from Enter in Slack to the card's outcome | 201.3 ms (p95 230.0) | 2.4x |
| cancel in a quiet channel: from the click to Flink, ms | 38.0 |  |
`;

describe("what README says of speed", () => {
  it("is what the last run measured", () => {
    expect(withFigures(README, RESULTS)).toBe(
      "It is quick. <!-- figures -->On two cores, an acknowledgement takes 4.0 ms, a short savepoint 2.4 times what bare REST takes, an approved cancel reaches Flink 38.0 ms after the click.<!-- end of figures --> More.",
    );
  });

  it("says nothing of what was not measured", () => {
    const part = RESULTS.split("\n").slice(0, 5).join("\n");
    expect(withFigures(README, part)).toContain(">On two cores, an acknowledgement takes 4.0 ms.<");
    expect(withFigures(README, "")).toContain(">Not measured.<");
  });
});
