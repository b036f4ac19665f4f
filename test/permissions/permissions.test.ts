import { beforeAll, describe, expect, test } from "vitest";
import { byOtherDoors, collect, type Matrix, type Row } from "./collect.ts";
import { type Door, openDoor, TRANSPORTS } from "./doors.ts";
import { permissionsPage } from "./page.ts";
import { PEOPLE } from "./people.ts";

/** Where the machine is busy with something else. */
const WITHIN_MS = 180_000;

const over = async <T>(ask: (door: Door) => Promise<T>): Promise<T[]> =>
  await Promise.all(
    TRANSPORTS.map(async (transport) => {
      const door = await openDoor(transport);
      try {
        return await ask(door);
      } finally {
        await door.close();
      }
    }),
  );

/** Everything that somebody got, with its name. */
const gotBy = (matrix: Matrix, names: readonly string[]): readonly string[] =>
  [...matrix.operations, ...matrix.buttons, ...matrix.forms].flatMap((row) =>
    row.cells.flatMap(({ answer }, i) =>
      names.includes(PEOPLE[i]?.name ?? "") ? [`${row.name}: ${answer}`] : [],
    ),
  );
const every = ({ operations, buttons, forms }: Matrix): readonly Row[] => [
  ...operations,
  ...buttons,
  ...forms,
];

describe("the authorisation matrix", () => {
  let socket: Matrix;
  let http: Matrix;
  beforeAll(async () => {
    [socket, http] = await over(collect).then(([a, b]) => {
      if (a === undefined || b === undefined) throw new Error("two transports");
      return [a, b];
    });
  }, WITHIN_MS);

  test("is the same over Socket Mode and HTTP", () => {
    expect({ ...http, forged: http.forged.filter(({ on }) => on === "both") }).toEqual(socket);
  });

  test("lets nobody do anything who is no full, active member of the workspace", () => {
    const strangers = ["guest", "outsider", "deactivated", "bot"];
    const allowed = gotBy(socket, strangers).filter(
      (got) => !/: (?:refused|not counted|not shown|nothing is done): /u.test(got),
    );
    expect(allowed).toEqual([]);
  });

  test("lets nobody do anything while Slack does not say who they are or in which groups", () => {
    const unknown = gotBy(socket, ["look-up failing", "groups hidden"]);
    expect(unknown.filter((got) => /: (?:allowed|asked|counted|shown|the form)/u.test(got))).toEqual([]);
  });

  test("lets an approver decide, and never the requester, a second account of theirs, or who was removed", () => {
    const decisions = [...socket.buttons, ...socket.forms].filter(({ name }) =>
      /Approve|submitted/u.test(name),
    );
    expect(decisions.length).toBeGreaterThan(2);
    const counted = decisions.flatMap(({ cells }) =>
      cells.flatMap(({ answer }, i) => (answer.startsWith("counted") ? [PEOPLE[i]?.name] : [])),
    );
    expect([...new Set(counted)]).toEqual(["approver"]);
  });

  test("sends nothing destructive to Flink for anybody without approval", () => {
    const destructive = socket.operations.filter((row) => row.class === "destructive");
    expect(destructive.length).toBeGreaterThan(6);
    const answers = destructive.flatMap(({ cells }) => cells.map(({ answer }) => answer));
    expect(answers.filter((answer) => answer.startsWith("allowed"))).toEqual([]);
  });

  test("lets operators alone use break-glass, once until it is reviewed, and never for run and rollback", () => {
    const glass = socket.operations.filter((row) => row.class === "break-glass");
    const calling = glass.map(({ name, cells }) => ({
      name,
      who: cells.flatMap(({ answer }, i) => (answer.startsWith("allowed") ? [PEOPLE[i]?.name] : [])),
    }));
    const isNever = /^(?:run|rollback)|nobody has reviewed/u;
    const never = calling.filter(({ name }) => isNever.test(name));
    const once = calling.filter(({ name }) => !isNever.test(name));
    expect(never.map(({ who }) => who)).toEqual([[], [], []]);
    expect(once.length).toBeGreaterThan(3);
    for (const { who } of once) expect(who).toEqual(["requester", "second account", "both"]);
  });

  test("has an audit entry for every refusal by a rule, and for nothing that was only read", () => {
    const cells = every(socket).flatMap(({ name, cells: all }) => all.map((cell) => ({ name, ...cell })));
    const unlogged = cells.filter(
      ({ answer, entry }) =>
        (/^refused: |then refused: /u.test(answer) && entry !== "refused") ||
        (/^not (?:counted|shown): [a-z_]+$/u.test(answer) && entry !== "click refused"),
    );
    expect(unlogged).toEqual([]);
    expect(cells.filter(({ answer, entry }) => answer === "shown" && entry !== "none")).toEqual([]);
  });

  test("is what docs/permissions.md says (npm run generate)", async () => {
    await expect(permissionsPage(http)).toMatchFileSnapshot("../../docs/permissions.md");
  });

  test.each(["status", "savepoint", "stop"])(
    "is the same for %s by a mention, and by a button that offers it",
    async (operation) => {
      const command = socket.operations.find(({ name }) => name === operation);
      const rows = (await over(async (door) => await byOtherDoors(door, operation))).flat();
      expect(rows).toHaveLength(4);
      for (const { cells } of rows) expect(cells).toEqual(command?.cells);
    },
    WITHIN_MS,
  );
});
