import type { Json, JsonObject } from "@countersign/contract";
import { z } from "zod";
import type { Verdict } from "./veto.ts";

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const longestMs = 30 * unitMs.d;

/** `4h` as milliseconds, at most 30 days. */
const duration = z
  .string()
  .regex(/^[1-9][0-9]{0,5}[smhd]$/)
  .transform((text) => Number(text.slice(0, -1)) * unitMs[text.at(-1) as keyof typeof unitMs])
  .refine((ms) => ms <= longestMs);

const cure = z.discriminatedUnion("kind", [
  z
    .strictObject({
      kind: z.literal("approval"),
      from: z.string().min(1).max(254),
      count: z.int().min(1).max(10).default(1),
      exclude: z
        .array(z.enum(["requester", "owner"]))
        .max(2)
        .default(["requester"]),
      open: duration.prefault("4h"),
      valid: duration.prefault("1h"),
    })
    .transform(({ open, valid, ...rest }) => ({ ...rest, openMs: open, validMs: valid })),
  z
    .strictObject({ kind: z.literal("check"), name: z.string().min(1).max(100), age: duration.prefault("15m") })
    .transform(({ age, ...rest }) => ({ ...rest, maxAgeMs: age })),
  z.strictObject({ kind: z.literal("wait"), until: z.iso.datetime() }),
]);

const obligation = z.strictObject({
  kind: z.string().min(1).max(60),
  properties: z.record(z.string(), z.json()).default({}),
});

const verdict = z.strictObject({
  effect: z.enum(["allow", "require", "deny"]),
  reason: z.string().max(2000).exactOptional(),
  requirements: z.array(cure).max(20).default([]),
  obligations: z.array(obligation).max(20).default([]),
  revision: z.string().max(200).exactOptional(),
});

/**
 * What a Rego rule, or whatever else answers in its form, says: `true`, `false`, or an object with `effect`. Anything
 * else, and anything beside what is known, is no verdict: an unknown requirement must never look met.
 */
export function readVerdict(result: Json): Verdict | { readonly fault: string } {
  if (result === true || result === false) return plain(result);
  const read = verdict.safeParse(result);
  if (!read.success) return { fault: `its answer is not of a form that is known${placeOf(read.error)}` };
  const { requirements, obligations, reason, revision, effect } = read.data;
  if (effect === "require" && requirements.length === 0)
    return { fault: "it requires something and does not say what" };
  return {
    effect: effect === "allow" && requirements.length > 0 ? "require" : effect,
    cures: effect === "deny" ? [] : requirements,
    obligations: effect === "deny" ? [] : (obligations as readonly { kind: string; properties: JsonObject }[]),
    ...(reason === undefined || reason === "" ? {} : { reason: line(reason) }),
    ...(revision === undefined ? {} : { revision: line(revision) }),
  };
}

export function plain(allows: boolean): Verdict {
  return { effect: allows ? "allow" : "deny", cures: [], obligations: [] };
}

/** Words from outside as one line of ordinary characters, cut to size: they stand in sentences that people and agents read. */
export function line(text: string, most = 300): string {
  const clean = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return clean.length <= most ? clean : `${clean.slice(0, most - 1).toWellFormed()}…`;
}

/** Where the form was broken. Names come from outside, so only what could be a name of ours is repeated. */
function placeOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = (issue?.path ?? []).map(String);
  if (issue === undefined || path.length === 0 || path.some((step) => !/^[a-z0-9]{1,20}$/i.test(step))) return "";
  return `, at \`${path.join(".")}\``;
}
