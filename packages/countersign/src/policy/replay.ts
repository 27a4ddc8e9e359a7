import type { DecisionInput } from "@countersign/contract";
import { decide } from "./decide.ts";
import type { CompiledPolicies } from "./policy.ts";

export interface Replayed {
  /** Place in the list of inputs. */
  readonly at: number;
  readonly now: "allow" | "require" | "deny";
  readonly narrowed: "allow" | "require" | "deny";
}

/** Stored inputs that a narrower policy set decides otherwise than the one in force. Pure. */
export function replay(
  inputs: readonly DecisionInput[],
  inForce: CompiledPolicies,
  narrower: CompiledPolicies,
): readonly Replayed[] {
  return inputs.flatMap((input, at) => {
    const now = decide(input, inForce).effect;
    const narrowed = decide(input, narrower).effect;
    return now === narrowed ? [] : [{ at, now, narrowed }];
  });
}
