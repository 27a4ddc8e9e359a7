import type { Decision, DecisionInput } from "@countersign/contract";
import { leanDecision } from "../action/record.ts";
import { decisionsOf } from "../action/stored-record.ts";
import type { Opened } from "../ledger/read-page.ts";
import { decide, type Outcome, outcomeFor } from "../policy/decide.ts";
import type { CompiledPolicies } from "../policy/policy.ts";
import { outcomeChange } from "../policy/trial/change.ts";
import { differingMembers } from "../policy/trial/differing-members.ts";
import { ofToday } from "../policy/trial/of-today.ts";
import { storedDigest } from "../policy/trial/stored-digest.ts";
import { unchanged } from "../policy/trial/unchanged.ts";
import { countChange, nothingReplayed, type ReplayBounds, type Replayed } from "./replayed.ts";

/** The sets that stored inputs are asked again. */
export interface ReplaySets {
  readonly inForce: CompiledPolicies;
  readonly draft: CompiledPolicies;
}

export interface Replay {
  readonly found: Replayed;
  /** Actions are given the newest first; false where enough decisions were replayed before this one, which is left out. */
  take(action: Opened): boolean;
}

/** Asks both sets what was stored: what the one in force does not repeat, and what the draft would decide otherwise. */
export function replaying(sets: ReplaySets, tick: () => number): (bounds: ReplayBounds) => Replay {
  const { inForce, draft } = sets;
  const isUnchanged = unchanged(inForce, draft);
  return (bounds) => {
    const found = nothingReplayed();
    const { took, changes, differing } = found;
    const isOther = ({ policySet: { digest, revision } }: Decision): boolean =>
      digest !== inForce.digest || revision !== inForce.revision;
    const reproduce = (action: string, step: number, input: DecisionInput, stored: Decision): Outcome => {
      if (isOther(stored)) {
        found.otherSet++;
        return outcomeFor(input, inForce);
      }
      const inputDigest = storedDigest(input, stored.inputDigest);
      const again = decide(input, inForce, inputDigest === undefined ? {} : { inputDigest });
      const members = differingMembers(stored, leanDecision(again));
      if (members === undefined) found.same++;
      else if (differing.length < bounds.differing) differing.push({ action, step, members });
      return again;
    };
    const compare = (action: string, step: number, input: DecisionInput, was: Outcome): void => {
      if (isUnchanged(input)) return;
      const is = outcomeFor(input, draft);
      const change = outcomeChange(was, is);
      if (change === undefined) return;
      const { agent, workflow } = input.principal;
      const { tool } = input.action;
      found.counts[change]++;
      countChange(found, { workflow, tool, change, count: 1 });
      if (changes.length >= bounds.changes) return;
      const policies = is.determining.map((policy) => policy.id);
      const effects = { was: was.effect, is: is.effect };
      changes.push({ change, action, step, at: input.at, workflow, agent, tool, ...effects, policies });
    };
    return {
      found,
      take(action) {
        if (found.replayed >= bounds.decisions) return false;
        found.actions++;
        if (action.erased) found.erased++;
        for (const { step, input: asked, decision } of decisionsOf(action)) {
          const input = isOther(decision) ? ofToday(asked) : asked;
          found.replayed++;
          const started = tick();
          const was = reproduce(action.subject, step, input, decision);
          const compared = tick();
          compare(action.subject, step, input, was);
          took.reproduceMs += compared - started;
          took.evaluateMs += tick() - compared;
        }
        return true;
      },
    };
  };
}
