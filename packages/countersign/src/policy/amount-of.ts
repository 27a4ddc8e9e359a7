import type { JsonObject, Reach } from "@countersign/contract";
import type { NeededWindow } from "./needs.ts";

/**
 * What a call adds to a sum: hundredths of an amount of money, the length of a list, or what the catalog counts of it.
 * Undefined where it is no such amount.
 */
export function amountOf(
  { argument = "", in: form, touched }: Pick<NeededWindow, "argument" | "in" | "touched">,
  args: JsonObject,
  reach: Reach = {},
): number | undefined {
  if (touched !== undefined) return reach[touched];
  const value = Object.hasOwn(args, argument) ? args[argument] : undefined;
  if (form === "items") return Array.isArray(value) ? value.length : undefined;
  if (typeof value !== "number" || value < 0) return undefined;
  const amount = form === "cents" ? value : Math.round(value * 100);
  const isExact = form === "decimal" ? amount / 100 === value : Number.isInteger(value);
  return isExact && Number.isSafeInteger(amount) ? amount : undefined;
}
