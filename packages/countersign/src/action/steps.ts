import type { Json } from "@countersign/contract";
import type { Needs } from "../policy/index.ts";
import type { Call } from "./call.ts";

/**
 * How far a call moves each limited value from where the target's captured state has it. A value that cannot be read is
 * no fact, and what reads it denies; before anything was captured no step is too large.
 */
export function stepsOf(needed: Needs["steps"], call: Call, captured: boolean): { readonly [name: string]: number } {
  const steps: { [name: string]: number } = {};
  for (const { name, argument, current } of needed) {
    const { args } = call.submission;
    const next = Object.hasOwn(args, argument) ? args[argument] : undefined;
    const now = captured ? at(call.before, current) : next;
    if (typeof next !== "number" || typeof now !== "number") continue;
    const step = Math.ceil(Math.abs(next - now));
    if (Number.isSafeInteger(step)) steps[name] = step;
  }
  return steps;
}

function at(value: Json | undefined, pointer: string): Json | undefined {
  return pointer
    .split("/")
    .slice(1)
    .reduce<Json | undefined>((held, step) => {
      if (typeof held !== "object" || held === null || !Object.hasOwn(held, step)) return undefined;
      return (held as { readonly [member: string]: Json })[step];
    }, value);
}
