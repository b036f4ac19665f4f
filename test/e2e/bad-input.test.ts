import { afterAll, beforeAll, expect, it } from "vitest";
import { idOf } from "../../playground/flink/simulated/job.ts";
import { until } from "../../playground/processes.ts";
import { ANA, FLINK_OPS, INCIDENT } from "../../playground/slack/workspace-seed.ts";
import { FORBIDDEN } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { ROOT, startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

/** What is typed after `/flink`, and everything that the answer must say. */
type Row = readonly [typed: string, ...says: (string | RegExp)[]];

const USAGE = (operation: string): readonly [RegExp, RegExp] => [
  new RegExp(`Usage: /flink ${operation}`, "u"),
  new RegExp(`For example: /flink ${operation}`, "u"),
];
const NUMBERS = "a whole number from 1 to 32768";

/** Ids of the simulated JobManager follow from order and name. */
const ORDERS = idOf("job 1 orders");
const SHORT = ORDERS.slice(0, 8);

suite("bad input", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      // port 9 answers nobody
      clusters: { down: { url: "http://127.0.0.1:9", changes: true } },
      channels: { [FLINK_OPS]: { cluster: "demo" } },
    });
    const { control } = world.flink;
    const vertices = [
      { name: "source", maxParallelism: 4 },
      { name: "sink", maxParallelism: 16 },
    ];
    await control.addJob({ name: "orders", vertices });
    await control.addJob({ name: "twins" });
    await control.addJob({ name: "twins" });
    await control.addJob({ name: SHORT });
    await control.addJob({ name: "restarting", state: "RESTARTING" });
    await control.addJob({ name: "finished", state: "FINISHED" });
    await control.addJob({ name: "static", scheduler: "Default" });
    await control.addJob({ name: "stateless", checkpointing: false });
    await control.addJob({ name: "<!channel> & <b>co</b>" });
    await until("the directory knows both clusters", async () => {
      const { plain } = await world.people.ask(ANA, "list");
      return plain.includes("stateless") && plain.includes("down has not answered") ? true : null;
    });
  });
  afterAll(async () => await world.stop());

  /** Everything that bad input must leave behind nowhere: cards, effects, requests that could change something. */
  const left = async (): Promise<unknown[]> => [
    ...(await world.people.cards(ANA)),
    ...(await world.flink.control.effects()),
    ...(await world.flink.control.requests()).filter((r) => r.method !== "GET"),
  ];
  const rows = (title: string, table: readonly Row[], channel = FLINK_OPS): void => {
    it.each(table.map((row) => [row[0].slice(0, 60), row] as const))(`${title}: %s`, async (_, row) => {
      const [typed, ...says] = row;
      const { plain, ephemeral } = await world.people.ask(ANA, typed, channel);
      expect(ephemeral).toBe(true);
      expect(plain).not.toMatch(FORBIDDEN);
      const missing = says.filter((w) => (typeof w === "string" ? !plain.includes(w) : !w.test(plain)));
      expect({ plain, missing }).toEqual({ plain, missing: [] });
      expect(await left()).toEqual([]);
    });
  };

  rows("nothing: what can be asked for", [
    ["", "What you can do here", "/flink scale orders 4"],
    ["help", "/flink cancel orders"],
    ["help scale", "/flink scale <job> <parallelism>", "/flink scale orders"],
  ]);

  rows("an unknown or misspelt operation: the closest names, ready to be copied", [
    ["frobnicate orders", "There is no operation frobnicate", "help, list, status, diagnose"],
    ["sclae orders 2", "There is no operation sclae", "Did you mean /flink scale orders 2?"],
    ["savepiont orders", "Did you mean /flink savepoint orders?"],
    ["help sotp", "There is no operation sotp", "/flink help stop"],
  ]);

  rows("a missing, surplus or unknown argument or flag: usage and an example", [
    ["scale", "<job> is missing", ...USAGE("scale")],
    ["scale orders", "<parallelism> is missing", ...USAGE("scale")],
    ["scale orders 2 3", "3 is one word too many", ...USAGE("scale")],
    ["scale orders 2 --fast", "scale takes no --fast", ...USAGE("scale")],
    ["savepoint", "<job> is missing", ...USAGE("savepoint")],
    ["orders status", "Did you mean /flink status orders?"],
    ["stop orders please", 'Did you mean --reason "please"?', ...USAGE("stop")],
    ["savepoint orders --format", "--format needs a value", ...USAGE("savepoint")],
    ["savepoint orders --format xml", "--format must be canonical or native, not xml", ...USAGE("savepoint")],
    ["savepoint orders --reason", "--reason needs a value", ...USAGE("savepoint")],
    ['savepoint orders --reason ""', "--reason is empty", ...USAGE("savepoint")],
    [`savepoint orders --reason "${"r".repeat(501)}"`, "at most 500 characters, this one has 501"],
    ["stop orders --drain=maybe", "--drain takes no value", ...USAGE("stop")],
    ["stop orders --drian", "Did you mean --drain?"],
    ["cancel orders file:///savepoints/x", "A directory needs --with-savepoint", ...USAGE("cancel")],
    ["status", "<job> is missing", ...USAGE("status")],
    ["status orders extra", "one word too many", "Put a name with spaces in quotes", ...USAGE("status")],
    ["withdraw", "<request> is missing", ...USAGE("withdraw")],
    ["withdraw r1234567", "There is no request r1234567"],
    ["requests --what", "requests takes no --what", ...USAGE("requests")],
    ["list --state BAD", "--state must be", "RUNNING", "not BAD", ...USAGE("list")],
    ['savepoint "orders', "is not closed"],
  ]);

  rows("a parallelism that is none: what is allowed", [
    ...["0", "-1", "1.5", "1e9", "four", "9".repeat(20)].map(
      (n): Row => [`scale orders ${n}`, `<parallelism> must be ${NUMBERS}, not ${n}`, ...USAGE("scale")],
    ),
    ["scale orders 17", "No vertex of orders can run at 17", "Allowed here: 1 to 16"],
    [
      "scale orders 5 --vertex source",
      "The maxParallelism of source is 4; 5 is above it",
      "Allowed here: 1 to 4",
    ],
    ["scale orders 2 --vertex sonk", "sonk is not a vertex of this job", '--vertex "sink"'],
  ]);

  const twins = /twins matches 2 jobs.*Use the id.*\b[0-9a-f]{8} twins.*\b[0-9a-f]{8} twins/su;
  rows("an unknown or ambiguous job: the closest, or both ids; nothing is guessed", [
    ["status ordres", "There is no job ordres on demo", `${SHORT} orders`],
    ["savepoint ordres", "There is no job ordres on demo", `${SHORT} orders`],
    ["status twins", twins],
    ["savepoint twins", twins],
    ["cancel twins", twins],
    // Cyrillic о
    ["savepoint \u043erders", "There is no job", `${SHORT} orders`, "looks alike, but its letters differ"],
    [`savepoint ${SHORT}`, `${SHORT} matches 2`, `${SHORT} orders`, new RegExp(`[0-9a-f]{8} ${SHORT} `, "u")],
    ["status ord", "There is no job ord on demo"],
    ["status e29", "There is no job e29 on demo"],
  ]);

  rows("an unknown cluster, one that is down, or none where there are several", [
    ["status orders --cluster demos", "There is no cluster demos", "demo"],
    ["savepoint orders --cluster nosuch", "There is no cluster nosuch", "demo, down"],
    ["savepoint nosuch/orders", "There is no job nosuch/orders", "There is no cluster nosuch"],
    ["list --cluster nosuch", "There is no cluster nosuch", "demo, down"],
    ["status down/orders", /Cluster down does not answer since \d{4}-/u],
    ["savepoint down/orders", /Cluster down does not answer since \d{4}-.*Nothing was changed/su],
    ["list --cluster down", /down has not answered since \d{4}-/u],
  ]);
  rows(
    "an unknown cluster, one that is down, or none where there are several",
    [["status orders", "Which cluster?", "demo/orders", "demo, down"]],
    INCIDENT,
  );

  rows("a job in another state: which, and what would be possible", [
    [
      "savepoint restarting",
      "The job is RESTARTING; savepoint needs RUNNING",
      "Try again when it is RUNNING",
    ],
    ["scale restarting 2", "The job is RESTARTING; scale needs RUNNING"],
    ["stop finished", "FINISHED", "stop needs RUNNING"],
    ["cancel finished", "FINISHED", "there is nothing to cancel"],
    ["cancel restarting --with-savepoint", "RESTARTING", "Cancel it without a savepoint"],
    [
      "scale static 2",
      "its scheduler is Default",
      "--via-savepoint stops it with a savepoint and starts it again",
    ],
    ["scale stateless 2", "takes no checkpoints", "all state would be lost"],
  ]);

  const long = `${ROOT}/${"x".repeat(3000)}`;
  const dirs: readonly (readonly [string, string])[] = [
    ["ftp://host/x", "ftp: is not a file system for savepoints"],
    ["javascript:alert(1)", "is not a file system for savepoints"],
    ["savepoints/x", "must start with its file system"],
    ["s3://user:pw@bucket/x", "@bucket/x looks like a secret, which must not be typed in Slack"],
    [`${ROOT}/../etc`, "must not contain . or .. parts"],
    [`${ROOT}/a%2Fb`, "percent-encoded characters are not accepted"],
    [`${ROOT}/%2e%2e/etc`, "percent-encoded characters are not accepted"],
    ["file:///elsewhere", `it must be below ${ROOT}`],
    [`${ROOT}-too/x`, `it must be below ${ROOT}`],
    [`${ROOT}/a?b=c`, "must not have a query or a fragment"],
    [long.slice(0, 1500), "at most 1000 characters, this one has 1500"],
    [long, "at most 3000 characters"],
  ];
  rows(
    "a target directory that must not be one: the reason",
    dirs.flatMap(([dir, says]): Row[] => [
      [`savepoint orders ${dir}`, says],
      [`stop orders ${dir}`, says],
    ]),
  );
  rows("a target directory that must not be one: the reason", [
    ["cancel orders file:///elsewhere --with-savepoint", "it must be below"],
  ]);

  it("foreign text is shown as it is and never obeyed", async () => {
    const seen = await world.people.ask(ANA, 'status "<!channel> & <b>co</b>"');
    expect(seen.plain).toMatch(/<!channel> & <b>co<\/b> (?:is|has been) RUNNING/u);
    const typed = await world.people.ask(ANA, 'savepoint "<!here> & <@U0BEN00001>"');
    const wrong = await world.people.ask(ANA, "<!everyone>");
    for (const one of [seen, typed, wrong]) {
      const sent = `${one.text}${JSON.stringify(one.blocks)}`;
      expect(sent).not.toMatch(/<!channel|<!here|<!everyone|<b>|<@U0BEN/u);
      expect(sent).toMatch(/&lt;/u);
    }
  });
});
