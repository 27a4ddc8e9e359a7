import { isDeepStrictEqual } from "node:util";
import type { Decision, DecisionInput } from "@countersign/contract";
import { decide, decisionBytes } from "../decide.ts";
import type { CompiledPolicies } from "../policy.ts";

/**
 * Decides a stored input again and compares it with what was stored, byte for byte; `lean` is what storing leaves out.
 * Undefined: the same; else the members that differ.
 */
export function reproduce(
  stored: Decision,
  input: DecisionInput,
  policies: CompiledPolicies,
  lean: (decision: Decision) => Decision,
): readonly string[] | undefined {
  const replayed = lean(decide(input, policies));
  // Equal values have equal canonical bytes, and are told far faster.
  if (isDeepStrictEqual({ ...replayed, micros: 0 }, { ...stored, micros: 0 })) return undefined;
  if (decisionBytes(replayed) === decisionBytes(stored)) return undefined;
  const [one, other] = [replayed, stored].map(
    (decision) => JSON.parse(decisionBytes(decision)) as Record<string, unknown>,
  );
  const names = [...new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})])].sort();
  return names.filter((name) => !isDeepStrictEqual(one?.[name], other?.[name]));
}
