import type { Json, JsonObject } from "@countersign/contract";
import type { NeededStep } from "./needs.ts";

/** How far a call moves a value from where the captured state has it, rounded up. Undefined where one of them cannot be read. */
export function stepOf(
  { argument, current }: NeededStep,
  args: JsonObject,
  before: Json | undefined,
): number | undefined {
  const next = Object.hasOwn(args, argument) ? args[argument] : undefined;
  const now = at(before, current);
  return typeof next === "number" && typeof now === "number" ? distance(next, now) : undefined;
}

function distance(next: number, now: number): number | undefined {
  const step = Math.ceil(Math.abs(next - now));
  return Number.isSafeInteger(step) ? step : undefined;
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
