import { readingOf } from "../argument-types.ts";
import { durationMs } from "../duration.ts";
import { type NeededStep, type NeededWindow, type Needs, needsOf } from "../needs.ts";
import type { CompiledPolicies, CompiledPolicy } from "../policy.ts";
import { isAcross, readWindow, scopeArgument } from "../window.ts";

/** What a draft counts otherwise than the set in force: nobody gathered it when a call was decided. */
export interface DifferingNeeds {
  /** Ids of the policies whose windows differ. */
  readonly windows: readonly string[];
  /** Tools whose calls are in such a window, begin it anew or are asked about it; null where any tool's may. */
  readonly tools: readonly string[] | null;
  /** How far back the longest of them looks; 0 where all of them have no end. */
  readonly longestMs: number;
  /** Whether one counts the calls of every workflow. */
  readonly isAcross: boolean;
  /** Whether one counts calls by how they ended. */
  readonly byEnd: boolean;
  /** Undefined where nothing that is needed for such a call differs. */
  of(workflow: string, tool: string): Needs | undefined;
}

export function differingNeeds(inForce: CompiledPolicies, draft: CompiledPolicies): DifferingNeeds {
  const before = new Map(inForce.policies.map((policy) => [policy.id, signature(policy)]));
  const other = draft.policies.filter((policy) => {
    const is = signature(policy);
    return is !== undefined && is !== before.get(policy.id);
  });
  const ids = new Set(other.map(({ id }) => id));
  const rules = other.flatMap((policy) => {
    const rule = readWindow(policy.annotations.window ?? "");
    return rule === undefined ? [] : [{ policy, rule }];
  });
  const isOther = ({ name }: NeededWindow | NeededStep): boolean => ids.has(name);
  const known = new Map<string, Needs | undefined>();
  return {
    windows: rules.map(({ policy }) => policy.id).sort(),
    tools: rules.some(({ rule }) => rule.kind === "previous")
      ? null
      : [
          ...new Set(
            rules.flatMap(({ policy, rule }) => [
              ...(policy.action ?? []),
              ...rule.tools,
              ...(rule.since === undefined ? [] : [rule.since]),
            ]),
          ),
        ].sort(),
    longestMs: Math.max(0, ...rules.map(({ rule }) => durationMs(rule.within ?? "") ?? 0)),
    isAcross: rules.some(({ rule }) => isAcross(rule)),
    byEnd: rules.some(({ rule }) => rule.done === true),
    of(workflow, tool) {
      if (ids.size === 0) return undefined;
      const key = `${workflow} ${tool}`;
      if (known.has(key)) return known.get(key);
      const { asked, counted, ends, steps } = needsOf(draft, workflow, tool);
      const needs = {
        asked: asked.filter(isOther),
        counted: counted.filter(isOther),
        ends: ends.filter(isOther),
        steps: steps.filter(isOther),
      };
      const found = Object.values(needs).some((one) => one.length > 0) ? needs : undefined;
      known.set(key, found);
      return found;
    },
  };
}

/**
 * Ids of limits that stay as they are, and of which a tool's argument is read otherwise by the draft: what was done has its
 * counts under the former reading, and filling it again would only tell those.
 */
export function readAnew(inForce: CompiledPolicies, draft: CompiledPolicies): readonly string[] {
  const before = new Map(inForce.policies.map((policy) => [policy.id, signature(policy)]));
  return draft.policies
    .filter((policy) => {
      const is = signature(policy);
      const rule = readWindow(policy.annotations.window ?? "");
      const name = rule === undefined ? undefined : scopeArgument(rule.per);
      if (is === undefined || is !== before.get(policy.id) || rule === undefined || name === undefined) return false;
      return rule.tools.some(
        (tool) =>
          Object.hasOwn(inForce.tools, tool) &&
          readingOf(inForce.tools[tool], name) !== readingOf(draft.tools[tool], name),
      );
    })
    .map(({ id }) => id)
    .sort();
}

/** What a policy has gathered, of which calls and for which; undefined where it has nothing gathered. */
function signature({ source, principal, action, annotations }: CompiledPolicy): string | undefined {
  const { window, step } = annotations;
  if (source !== "workflow" || principal === null || (window === undefined && step === undefined)) return undefined;
  return JSON.stringify([window, step, principal, action]);
}
