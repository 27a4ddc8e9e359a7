import type { Json, JsonObject, Reach } from "@countersign/contract";
import { z } from "zod";
import { isRecord } from "./normalise/shape.ts";
import { look } from "./template.ts";

/** What a reach is counted in. Money is an amount in minor units with its currency. */
export const reachUnits = ["objects", "customers", "nodes", "rows", "money"] as const;
export type ReachUnit = (typeof reachUnits)[number];

const counted = z.union([
  z.int().min(0).describe("the same for every call"),
  z
    .string()
    .regex(/^(?:args|parsed)(?:\.(?:\*|[A-Za-z][A-Za-z0-9_-]*))+$/)
    .describe("a list, whose length counts, or a number: `args.ids`, `args.files.*.path`, `parsed.manifest.count`"),
  z
    .string()
    .regex(/^before(?:\.(?:\*|\$json|\$yaml|\d{1,9}|[A-Za-z_][A-Za-z0-9_-]*))+$/)
    .describe(
      "the same in what the reversal's capture read before the call: `before.structuredContent.rows`, `before.content.0.text.$json.rows`",
    ),
]);

/** How much one call of a tool touches, and where in the call it stands. */
export const reachSchema = z
  .strictObject({
    objects: counted.optional(),
    customers: counted.optional(),
    nodes: counted.optional(),
    rows: counted.optional(),
    money: z
      .string()
      .regex(/^parsed\.[A-Za-z][A-Za-z0-9_-]*$/)
      .optional()
      .describe("an argument that is normalised as money: `parsed.amount`"),
  })
  .describe("how much one call touches, by unit; what cannot be counted in a call passes no cap");

export type ReachRule = z.infer<typeof reachSchema>;

/** What can be counted of one call. A unit that cannot is absent, and a cap on it refuses. */
export function reachOf(rule: ReachRule, args: JsonObject, parsed: JsonObject): Reach {
  const found: [ReachUnit, Json][] = [];
  for (const unit of reachUnits) {
    const source = rule[unit];
    if (source === undefined || isBefore(source)) continue;
    const value = typeof source === "number" ? source : look({ args, parsed }, source);
    const count = unit === "money" ? money(value) : amount(value);
    if (count !== undefined) found.push([unit, count]);
  }
  return Object.fromEntries(found) as Reach;
}

/** Where a rule's counts stand in the captured state, by unit. */
export type CountsBefore = { readonly [unit in ReachUnit]?: string };

export function countsBefore(rule: ReachRule = {}): CountsBefore {
  return Object.fromEntries(Object.entries(rule).filter(([, source]) => isBefore(source)));
}

/** What of these can be counted in the captured state, which is absent where it could not be read. */
export function reachBefore(counts: CountsBefore, before: Json | undefined): Reach {
  const found = Object.entries(counts).flatMap(([unit, place]) => {
    const count = amount(look({ before }, place));
    return count === undefined ? [] : [[unit, count] as const];
  });
  return Object.fromEntries(found);
}

/** Before anything was captured: none, so that no cap is in the way of looking. */
export function reachUnread(counts: CountsBefore): Reach {
  return Object.fromEntries(Object.keys(counts).map((unit) => [unit, 0]));
}

function isBefore(source: string | number | undefined): source is string {
  return typeof source === "string" && source.startsWith("before.");
}

function amount(value: Json | undefined): number | undefined {
  if (Array.isArray(value)) return value.length;
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function money(value: Json | undefined): JsonObject | undefined {
  if (!isRecord(value) || typeof value.minor !== "number" || typeof value.currency !== "string") return undefined;
  return { minor: value.minor, currency: value.currency };
}
