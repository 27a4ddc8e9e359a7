import type { Decision, DecisionInput } from "@countersign/contract";
import { leanDecision } from "../action/record.ts";
import { type DecidedStep, decisionsOf } from "../action/stored-record.ts";
import type { Opened } from "../ledger/read-page.ts";
import { decide, type Outcome, outcomeFor } from "../policy/decide.ts";
import { needsOf } from "../policy/needs.ts";
import type { CompiledPolicies } from "../policy/policy.ts";
import { outcomeChange } from "../policy/trial/change.ts";
import { differingMembers } from "../policy/trial/differing-members.ts";
import { differingNeeds } from "../policy/trial/differing-needs.ts";
import { ofToday } from "../policy/trial/of-today.ts";
import { storedDigest } from "../policy/trial/stored-digest.ts";
import { unchanged } from "../policy/trial/unchanged.ts";
import type { ToldFacts } from "../policy/trial/windows-of.ts";
import { notGathered, restsOn, type Told, withTold } from "../policy/trial/with-told.ts";
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
export function replaying(sets: ReplaySets, tick: () => number): (bounds: ReplayBounds, told?: ToldFacts) => Replay {
  const { inForce, draft } = sets;
  const isUnchanged = unchanged(inForce, draft);
  const differing = differingNeeds(inForce, draft);
  const isOther = ({ policySet: { digest, revision } }: Decision): boolean =>
    digest !== inForce.digest || revision !== inForce.revision;
  return (bounds, told) => {
    const found = nothingReplayed();
    const { took, changes } = found;
    const reproduce = (action: string, step: number, input: DecisionInput, stored: Decision): Outcome => {
      if (isOther(stored)) {
        found.otherSet++;
        return outcomeFor(input, inForce);
      }
      const inputDigest = storedDigest(input, stored.inputDigest);
      const again = decide(input, inForce, inputDigest === undefined ? {} : { inputDigest });
      const members = differingMembers(stored, leanDecision(again));
      if (members === undefined) found.same++;
      else if (found.differing.length < bounds.differing) found.differing.push({ action, step, members });
      return again;
    };
    /** As the gate would have asked the draft. */
    const asDrafted = (action: string, input: DecisionInput, { step, args = {}, before }: DecidedStep): Told => {
      const needs = differing.of(input.principal.workflow, input.action.tool);
      if (needs === undefined) return { input, untold: [] };
      const stored = { args, ...(before === undefined ? {} : { before }) };
      return withTold(input, needs, told?.get(action)?.get(step), stored);
    };
    const compare = (action: string, asked: DecisionInput, decided: DecidedStep, was: Outcome): void => {
      if (isUnchanged(asked)) return;
      const { step } = decided;
      const { input, untold } = asDrafted(action, asked, decided);
      const is = outcomeFor(input, draft);
      const { agent, workflow } = input.principal;
      const { tool } = input.action;
      const missing = isOther(decided.decision) ? notGathered(asked, needsOf(inForce, workflow, tool)) : [];
      if (restsOn(is, untold) || restsOn(was, missing)) {
        found.untold++;
        return;
      }
      const change = outcomeChange(was, is);
      if (change === undefined) return;
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
        for (const decided of decisionsOf(action)) {
          const { step, input: asked, decision } = decided;
          const input = isOther(decision) ? ofToday(asked) : asked;
          found.replayed++;
          const started = tick();
          const was = reproduce(action.subject, step, input, decision);
          const compared = tick();
          compare(action.subject, input, decided, was);
          took.reproduceMs += compared - started;
          took.evaluateMs += tick() - compared;
        }
        return true;
      },
    };
  };
}
