import type { PersonCaller } from "../identity/index.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** Records of many actions, read at once. */
export interface ReadRange {
  /** Instants in UTC; actions that were asked for between them. */
  readonly since: string;
  readonly until: string;
  /** All of them where missing. */
  readonly workflow?: string;
  /** Where not all were read: so many, the newest first. */
  readonly most?: number;
}

/** Writes down that somebody reads the records of many actions, and what for: one note, before the first is opened. */
export async function noteReads(control: Control, person: PersonCaller, range: ReadRange, how: string): Promise<void> {
  await govern(control, {
    kind: "read",
    person: person.email,
    ...(range.workflow === undefined ? {} : { workflow: range.workflow }),
    payload: { range, how, method: person.method },
    raises: false,
  });
}
