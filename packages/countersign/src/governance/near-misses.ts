import type { State } from "@countersign/contract";
import { listActions } from "../action/index.ts";
import type { PersonCaller } from "../identity/index.ts";
import { entriesOf } from "../ledger/sql.ts";
import type { Control } from "./control.ts";

/** Something that nearly happened, or did for a moment. It opens by itself and is named by its action. */
export interface NearlyHappened {
  readonly action: string;
  readonly kind: "denied" | "denied by a person" | "undone";
  readonly at: string;
  readonly agent: string;
  readonly workflow: string;
  readonly tool: string;
  readonly sentence: string;
}

const mostOf = 100;
const undoneWithinMs = 3_600_000;

/** Refused by a rule, denied by a person, or undone within an hour, newest first. */
export async function nearMisses(
  control: Control,
  person: PersonCaller,
  days: number,
): Promise<{ readonly isWhole: boolean; readonly nearMisses: readonly NearlyHappened[] }> {
  const sinceMs = control.parts.ledger.now() - days * 86_400_000;
  const pageOf = (state: State) => listActions(control.parts, person, { state, limit: mostOf });
  const [refused, reversed] = await Promise.all([pageOf("refused"), pageOf("reversed")]);
  const lines = [...refused.actions, ...reversed.actions].filter(({ at }) => Date.parse(at) >= sinceMs);
  const found = await Promise.all(lines.map(({ id }) => nearlyHappened(control, person, id)));
  return {
    isWhole: [refused, reversed].every(
      ({ next, actions }) => next === undefined || Date.parse(actions.at(-1)?.at ?? "") < sinceMs,
    ),
    nearMisses: found.filter((one) => one !== undefined).toSorted((one, other) => (one.action < other.action ? 1 : -1)),
  };
}

async function nearlyHappened(control: Control, person: PersonCaller, id: string): Promise<NearlyHappened | undefined> {
  const { state, refusal, server, tool, agent, workflow, at, sentence } = await control.hall.get(person, id);
  const line = { action: id, at, agent, workflow, tool: `${server}.${tool}`, sentence };
  if (state === "refused") {
    if (refusal === "policy") return { ...line, kind: "denied" };
    return refusal === "denied" ? { ...line, kind: "denied by a person" } : undefined;
  }
  const entries = await entriesOf(control.parts.db, id);
  const done = entries.findLast((entry) => entry.to_state === "done");
  const undone = entries.findLast((entry) => entry.to_state === "reversed");
  if (done === undefined || undone === undefined) return undefined;
  const afterMs = Date.parse(undone.at) - Date.parse(done.at);
  return afterMs <= undoneWithinMs ? { ...line, kind: "undone" } : undefined;
}
