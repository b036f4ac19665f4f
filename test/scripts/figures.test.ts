import { describe, expect, it } from "vitest";
import { withFigures } from "../../scripts/figures.ts";

const README = "It is quick. <!-- figures -->old<!-- end of figures --> More.";
const RESULTS = `# Figures

| what | figure | times what it is beside |
|---|---|---|
| ack of flinkops over HTTP, 1 in flight | 4.0 ms (p95 7.1) | 1.8x |
| the same, from Enter in Slack to the card's outcome | 201.3 ms (p95 230.0) | 2.4x |
| the same, from Enter in Slack to the outcome on the card | 250.1 ms (p95 300.9) | 0.14x |
| cancel in a quiet channel: from the click to Flink, ms | 38.0 |  |
`;

describe("what README says of speed", () => {
  it("is what the last run measured", () => {
    expect(withFigures(README, RESULTS)).toBe(
      "It is quick. <!-- figures -->On two cores, an acknowledgement takes 1.8 times as long as in bare Bolt and BullMQ, a short savepoint 2.4 times as long as by bare REST, one on a real Flink is over 7 times as fast as by `flink savepoint`, an approved cancel reaches Flink 38 ms after the click.<!-- end of figures --> More.",
    );
  });

  it("says nothing of what was not measured", () => {
    const part = RESULTS.split("\n").slice(0, 5).join("\n");
    expect(withFigures(README, part)).toContain(
      ">On two cores, an acknowledgement takes 1.8 times as long as in bare Bolt and BullMQ.<",
    );
    expect(withFigures(README, "")).toContain(">Not measured.<");
  });
});
