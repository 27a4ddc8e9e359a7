import type { Json } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { readSubject } from "../ledger/read.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";

/** The record of a deed of governance. */
export interface DeedReceipt {
  readonly id: string;
  readonly kind: string;
  readonly person: string | null;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly tool: string | null;
  readonly at: string;
  readonly recordedAt: string;
  readonly disclosed: boolean;
  readonly payload: Json;
}

export async function readDeed(control: Control, person: PersonCaller, id: string): Promise<DeedReceipt> {
  const { entries, key } = await readSubject(control.parts.db, id, control.parts.wrap);
  const [first] = entries;
  if (first === undefined) throw new Problem("not_found", `there is no receipt \`${id.slice(0, 60)}\` here`);
  const { entry, payload } = first;
  // INVARIANT: how somebody did with a seeded request is told to them alone.
  if (entry.kind === "canary" && entry.person !== person.email)
    throw new Problem("not_found", `there is no receipt \`${id.slice(0, 60)}\` here`);
  requireMay(person, "read-receipt", contextOf(control, entry.workflow === null ? {} : { workflow: entry.workflow }));
  return {
    id,
    kind: entry.kind,
    person: entry.person,
    agent: entry.agent,
    workflow: entry.workflow,
    tool: entry.tool,
    at: entry.at,
    recordedAt: entry.recorded_at,
    disclosed: key !== null,
    payload,
  };
}
