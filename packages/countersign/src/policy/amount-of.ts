import type { JsonObject } from "@countersign/contract";
import type { NeededWindow } from "./needs.ts";

/** What a call adds to a sum: hundredths of an amount of money, or the length of a list. Undefined where it is no such amount. */
export function amountOf(
  { argument = "", in: form }: Pick<NeededWindow, "argument" | "in">,
  args: JsonObject,
): number | undefined {
  const value = Object.hasOwn(args, argument) ? args[argument] : undefined;
  if (form === "items") return Array.isArray(value) ? value.length : undefined;
  if (typeof value !== "number" || value < 0) return undefined;
  const amount = form === "cents" ? value : Math.round(value * 100);
  const isExact = form === "decimal" ? amount / 100 === value : Number.isInteger(value);
  return isExact && Number.isSafeInteger(amount) ? amount : undefined;
}
