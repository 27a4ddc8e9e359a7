import { recordsOf } from "../action/stored-record.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { readSubject } from "../ledger/read.ts";
import { type ConditionChain, explainDecision } from "../policy/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";

export interface ExplainedAction {
  readonly effect: "allow" | "require" | "deny";
  readonly policySet: { readonly revision: number; readonly digest: string };
  /** Whether exactly that set is in force now. Where it is not, only policies with the same text are explained. */
  readonly inForce: boolean;
  readonly policies: readonly (ConditionChain & { readonly determined: boolean })[];
  /** Policies that determined it and whose text is not in force any more. */
  readonly gone: readonly string[];
}

/** At most this many that did not determine it. */
const mostOthers = 20;

/** Which conditions of which policies held when an action was decided last, from its stored input. */
export async function explainAction(control: Control, person: PersonCaller, id: string): Promise<ExplainedAction> {
  const { db, wrap } = control.parts;
  const subject = await readSubject(db, id, wrap);
  const first = subject.entries[0]?.entry;
  if (first === undefined) throw new Problem("not_found", `there is no action \`${id.slice(0, 60)}\` here`);
  requireMay(person, "read-private", contextOf(control, first.workflow === null ? {} : { workflow: first.workflow }));
  const decided = recordsOf(subject).findLast((record) => record?.decision !== undefined);
  if (decided == null)
    throw new Problem("conflict", "no policy was asked about this action, or what it said was erased", {
      help: "its receipt says why it was refused",
    });
  const { decision, input } = decided;
  const { policies } = control.keeper.loaded();
  const inForce = policies.digest === decision.policySet.digest;
  const determining = new Map(decision.determining.map((policy) => [policy.digest, policy.id]));
  const chains = explainDecision(input, policies).map((chain) => ({
    ...chain,
    determined: determining.has(chain.digest),
  }));
  const own = chains.filter(({ determined }) => determined);
  const others = inForce ? chains.filter(({ determined }) => !determined).slice(0, mostOthers) : [];
  const known = new Set(own.map(({ digest }) => digest));
  const gone = [...determining].filter(([digest]) => !known.has(digest)).map(([, name]) => name);
  return { effect: decision.effect, policySet: decision.policySet, inForce, policies: [...own, ...others], gone };
}
