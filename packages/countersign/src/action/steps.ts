import type { Needs } from "../policy/index.ts";
import { stepOf } from "../policy/step-of.ts";
import type { Call } from "./call.ts";

/**
 * How far a call moves each limited value from where the target's captured state has it. A value that cannot be read is
 * no fact, and what reads it denies; before anything was captured no step is too large.
 */
export function stepsOf(needed: Needs["steps"], call: Call, captured: boolean): { readonly [name: string]: number } {
  const steps: { [name: string]: number } = {};
  for (const one of needed) {
    const { args } = call.submission;
    const next = Object.hasOwn(args, one.argument) ? args[one.argument] : undefined;
    const step = captured ? stepOf(one, args, call.before) : typeof next === "number" ? 0 : undefined;
    if (step !== undefined) steps[one.name] = step;
  }
  return steps;
}
