import type { Verb } from "@countersign/contract";
import type { CompiledPolicies } from "../policy.ts";
import type { Formula, Terms } from "./term.ts";

/** Where some observed workflow lets pass what its rules do not, but for where it lies: as `passesObserved` has it. */
export function observedOf(
  terms: Terms,
  workflows: CompiledPolicies["workflows"],
  verb: Verb,
  early: (until: string) => Formula,
  isOf: (workflow: string, agents: readonly string[]) => Formula,
): Formula {
  const found = Object.entries(workflows).filter(
    ([, { mode, writesNothing }]) => mode === "observe" && !(verb === "execute" && writesNothing === true),
  );
  return terms.or(
    ...found.map(([name, { agents, observeUntil }]) => {
      const isEarly = observeUntil === undefined ? terms.yes : early(observeUntil);
      return terms.and(isOf(name, agents), isEarly);
    }),
  );
}
