import { BUTTONS, type Doing, FORMS_SUBMITTED, OTHER_DOORS, ownerFor } from "./acts.ts";
import type { Delivered, Door } from "./doors.ts";
import { type Forged, forgeriesOn, signaturesOn } from "./forged.ts";
import { type Act, type Before, type Cell, cellOf, NotArranged } from "./matrix.ts";
import { PEOPLE, REQUESTER, type Somebody } from "./people.ts";
import { type Saying, SAYINGS } from "./says.ts";

/** What everybody gets who does one thing, in the order of PEOPLE. */
export interface Row {
  name: string;
  /** Of an operation. */
  class: string;
  cells: readonly Cell[];
}

/** The matrix over one transport. */
export interface Matrix {
  operations: readonly Row[];
  buttons: readonly Row[];
  forms: readonly Row[];
  forged: readonly Forged[];
}

export async function collect(door: Door): Promise<Matrix> {
  const operations: Row[] = [];
  for (const saying of SAYINGS) operations.push(await rowOf(door, saying, { act: typed(saying) }));
  const clicked = async ({ name, on, act }: Doing): Promise<Row> =>
    await rowOf(door, { name, class: "" }, { act, beforeOf: (by) => ({ is: on, owner: ownerFor(by) }) });
  const [buttons, forms]: [Row[], Row[]] = [[], []];
  for (const button of BUTTONS) buttons.push(await clicked(button));
  for (const form of FORMS_SUBMITTED) forms.push(await clicked(form));
  const signatures = door.transport === "http" ? await signaturesOn(door) : [];
  return { operations, buttons, forms, forged: [...(await forgeriesOn(door)), ...signatures] };
}

/** The same as a command, by other doors: `asked` is what the command gives. */
export async function byOtherDoors(door: Door, operation: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { name, ask } of OTHER_DOORS) {
    const act = async (a: Act): Promise<Delivered> => await a.door.deliver(a.house.inbox, ask(a, operation));
    rows.push(await rowOf(door, { name: `${operation} by ${name}`, class: "" }, { act }));
  }
  return rows;
}

const typed =
  ({ text, arrange, needsRequest }: Saying) =>
  async (a: Act): Promise<Delivered> => {
    await arrange?.(a.house, a.by);
    a.house.forget();
    const words = needsRequest === true ? text.replace("<request>", a.before?.id ?? "") : text;
    return await a.door.deliver(a.house.inbox, a.envelopes.command(a.by.actor, words));
  };

async function rowOf(
  door: Door,
  { name, class: is, needsRequest }: Pick<Row, "name" | "class"> & Pick<Saying, "needsRequest">,
  { act, beforeOf }: { act: Doing["act"]; beforeOf?: (by: Somebody) => Before },
): Promise<Row> {
  const cells: Cell[] = [];
  for (const by of PEOPLE) {
    const before =
      beforeOf?.(by) ?? (needsRequest === true ? ({ is: "waiting", owner: REQUESTER } as const) : null);
    cells.push(
      await cellOf(door, { by, before, act }).catch((error: unknown) => explained(error, { name, by })),
    );
  }
  return { name, class: is, cells };
}

function explained(error: unknown, { name, by }: { name: string; by: Somebody }): never {
  const what = error instanceof Error ? error.message : String(error);
  const add =
    error instanceof NotArranged
      ? ". The matrix types the first example of an operation; if that is not possible with a running job `orders` on cluster `prod`, say in ARRANGED of test/permissions/says.ts what to type, and what makes it possible"
      : "";
  throw new Error(`"${name}" by ${by.name}: ${what}${add}`, { cause: error });
}
