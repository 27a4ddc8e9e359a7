import { z } from "zod";

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `30m` as milliseconds. The text must match the schema of `duration`. */
export function durationMs(text: string): number {
  const unit = text.at(-1);
  const scale = unit === "s" || unit === "m" || unit === "h" || unit === "d" ? unitMs[unit] : Number.NaN;
  return Number(text.slice(0, -1)) * scale;
}

/** `97.0%` as a share of one. */
export function share(text: string): number {
  return Number(text.slice(0, -1)) / 100;
}

/** An amount of money in millionths of its currency: exact below one thousand million. */
export interface Money {
  readonly currency: string;
  readonly amountMicros: number;
}

/** `2.50 USD` in millionths, without ever passing through a fraction. */
export function money(text: string): Money {
  const [amount = "", currency = ""] = text.split(" ");
  const [whole = "0", fraction = ""] = amount.split(".");
  return { currency, amountMicros: Number(whole) * 1_000_000 + Number(fraction.padEnd(6, "0")) };
}

export function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00.000Z`);
  // `2026-02-30` parses to a day in March: a day is real only if it comes back as it went in.
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** The last millisecond of a day, UTC: a day that is named is included. */
export function endOfDayMs(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`) + unitMs.d - 1;
}

/** The day of a moment, UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

const durationText = "[1-9][0-9]{0,4}[smhd]";
const dayText = "[0-9]{4}-[0-9]{2}-[0-9]{2}";

export const durationSchema = z
  .string()
  .regex(new RegExp(`^${durationText}$`))
  .meta({ description: "a duration: a whole number and `s`, `m`, `h` or `d`, such as `30m`, `4h` or `1d`" })
  .transform(durationMs);

export const shareSchema = z
  .string()
  .regex(/^(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)%$/)
  .meta({ description: "a percentage with its sign, such as `97.0%`" })
  .transform(share);

export const moneySchema = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})? [A-Z]{3}$/)
  .meta({ description: "an amount and a currency, such as `2 USD` or `0.50 EUR`" })
  .transform(money);

export const daySchema = z
  .string()
  .regex(new RegExp(`^${dayText}$`), { abort: true })
  .refine(isDay, { error: "there is no such day" })
  .meta({ description: "a day, such as `2026-09-01`" });

/** Who is told, how long after the question came up, and whether they may then answer it. */
export const escalationStepSchema = z
  .string()
  .max(300)
  .regex(new RegExp(`^[^ ]+ after ${durationText}( may answer)?$`))
  .meta({
    description:
      "a person's e-mail address, a group or `dri`, and when: `leads after 1h`; with `may answer` they may then answer, too",
  })
  .transform((text) => {
    const [to = "", rest = ""] = text.split(" after ");
    const [after = "", ...more] = rest.split(" ");
    return { to, afterMs: durationMs(after), mayAnswer: more.length > 0 };
  });

export const everySchema = z
  .string()
  .regex(new RegExp(`^every ${durationText}$`))
  .meta({ description: "how often, such as `every 30d`" })
  .transform((text) => durationMs(text.slice("every ".length)));

export type Mode = { readonly kind: "enforce" } | { readonly kind: "observe"; readonly until: string };

export const modeSchema = z
  .string()
  .regex(new RegExp(`^(enforce|observe until ${dayText})$`), { abort: true })
  .refine((text) => text === "enforce" || isDay(text.slice("observe until ".length)), { error: "there is no such day" })
  .meta({ description: "`enforce`, or `observe until 2026-09-30`: observing always has a last day" })
  .transform((text): Mode => {
    if (text === "enforce") return { kind: "enforce" };
    return { kind: "observe", until: text.slice("observe until ".length) };
  });
