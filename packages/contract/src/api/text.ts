import { z } from "zod";
import type { Json, JsonObject } from "../json.ts";

/** An id of one of these kinds: the kind, a line, and 26 characters that sort by time. */
export function idOf(...kinds: readonly string[]) {
  return z
    .string()
    .regex(new RegExp(`^(${kinds.join("|")})_[0-9a-hjkmnp-tv-z]{26}$`))
    .meta({ description: `an id such as \`${kinds[0]}_…\`` });
}

export const actionId = idOf("act");
export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
  .meta({ description: "a name as workspace files write it" });
/** A run that was opened, or one that the plane made up for a session. */
export const runId = z
  .string()
  .regex(/^run_([0-9a-hjkmnp-tv-z]{26}|auto_[0-9a-f]{22})$/)
  .meta({ description: "the id of a run" });
export const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .meta({ description: "`sha256:` and 64 hex digits" });
export const reason = z
  .string()
  .min(1)
  .max(2000)
  .regex(/^[^\0]*$/)
  .meta({ description: "why, in a sentence" });
export const email = z.string().min(3).max(254).meta({ description: "the e-mail address of a person" });
export const toolName = z.string().min(1).max(200).meta({ description: "a tool's name, as its server lists it" });
export const time = z.string().meta({ description: "a moment, as RFC 3339 writes it", format: "date-time" });

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Any JSON object, passed on as it is: not copied, so that no member can be lost on the way. */
export const jsonObject = z.custom<JsonObject>(isObject, { error: "expected an object" }).meta({ type: "object" });
export const json = z.custom<Json>(() => true).meta({ description: "any JSON" });

const dayMs = 86_400_000;
const moment = (what: string) => z.union([z.iso.date(), z.iso.datetime({ offset: true })]).meta({ description: what });
const isDay = (text: string): boolean => text.length === 10;

/** When something was asked for. A day counts whole, in UTC; a day comes out as a moment. */
export const period = {
  since: moment("asked for from this moment on, or from this day in UTC on, such as `2026-11-22`")
    .transform((text) => (isDay(text) ? `${text}T00:00:00Z` : text))
    .exactOptional(),
  until: moment("asked for before this moment, or on this day in UTC at the latest")
    .transform((text) => (isDay(text) ? new Date(Date.parse(text) + dayMs).toISOString() : text))
    .exactOptional(),
};

export const page = {
  cursor: idOf("act").exactOptional().meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: "how many at most, 1 to 200" }),
};
export const next = z.string().exactOptional().meta({ description: "cursor of the next page; absent on the last" });

/** Where an issuer outside vouched for an agent: which one, and as what it knows it. */
export const workload = z
  .strictObject({ issuer: z.string(), subject: z.string() })
  .meta({ description: "the trusted issuer that vouched for the agent, and the `sub` of its token" });
