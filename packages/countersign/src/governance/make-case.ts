import { stringify } from "yaml";
import { recordsOf } from "../action/stored-record.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { readSubject } from "../ledger/read.ts";
import { caseOf, decide, inputOf } from "../policy/index.ts";
import { readRequest } from "../workspace/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { noteRead } from "./note-read.ts";
import { trialWorld } from "./trial-world.ts";

export interface MadeCase {
  readonly action: string;
  /** What was decided, and by which policies. */
  readonly was: Decided;
  /** The text of a file of cases with this one. */
  readonly text: string;
  /** What the set in force decides of the case as it is written. */
  readonly is: Decided & { readonly sentence: string };
  /** Both say the same. Where not, the rules changed since, or a case cannot say all that was known. */
  readonly same: boolean;
}

interface Decided {
  readonly effect: "allow" | "require" | "deny";
  readonly policies: readonly string[];
}

/** An action's last decision as a case of the policy tests, and what the set in force says of it. Who reads it is noted. */
export async function makeCase(control: Control, person: PersonCaller, id: string): Promise<MadeCase> {
  const { db, wrap } = control.parts;
  const subject = await readSubject(db, id, wrap);
  const first = subject.entries[0]?.entry;
  if (first === undefined) throw new Problem("not_found", `there is no action \`${id.slice(0, 60)}\` here`);
  requireMay(person, "read-private", contextOf(control, first.workflow === null ? {} : { workflow: first.workflow }));
  const records = recordsOf(subject);
  const decided = records.findLast((record) => record?.decision !== undefined);
  const args = records.find((record) => record?.call !== undefined)?.call?.args;
  if (decided == null || args === undefined)
    throw new Problem("conflict", "no policy was asked about this action, or what it said was erased", {
      help: "its receipt says why it was refused",
    });
  const { workspace, catalog, policies } = control.keeper.loaded();
  if (workspace === undefined) throw new Problem("conflict", "nothing is in force yet");
  await noteRead(control, person, id, "policy case");
  const { decision, input } = decided;
  const was = { effect: decision.effect, policies: decision.determining.map((one) => one.id).toSorted() };
  const name = `${input.principal.agent} asks for ${input.action.tool} as in ${id}`;
  const made = caseOf(name, input, args, was);
  const { name: _name, expect: _expect, ...asked } = made;
  const { request } = readRequest("case", written(asked));
  if (request === undefined)
    throw new Problem("conflict", "this call cannot be written as a case", {
      help: "its arguments hold what no case may: write one by hand",
    });
  const again = inputOf(request, trialWorld(workspace, catalog), policies);
  if ("faults" in again)
    throw new Problem("conflict", `what this call names is not in force any more: ${again.faults.join("; ")}`);
  const now = decide(again.ok, policies);
  const is = { effect: now.effect, policies: now.determining.map((one) => one.id).toSorted() };
  return {
    action: id,
    was,
    text: written({ cases: [made] }),
    is: { ...is, sentence: now.sentence },
    same: JSON.stringify(is) === JSON.stringify(was),
  };
}

function written(value: object): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
