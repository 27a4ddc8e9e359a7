import type { TimedAction } from "@countersign/client";
import { later } from "./later.ts";

/** What a run has cost as far as the plane saw it: a call counts from when it was sent. */
export interface Cost {
  readonly calls: number;
  /** Of calls that were answered. */
  readonly atSystemsMs: number;
  /** Calls of which nobody knows how long they took, or whether they happened. */
  readonly open: number;
  /** In minor units by currency, of calls that did what they were asked. */
  readonly money: { readonly [currency: string]: number };
}

export function costOf(actions: readonly TimedAction[]): Cost {
  let [calls, atSystemsMs, open] = [0, 0, 0];
  const money: Record<string, number> = {};
  for (const action of actions) {
    const { sent, ms } = sentOf(action);
    calls += sent;
    atSystemsMs += ms ?? 0;
    if (sent > 0 && ms === undefined) open++;
    const did = (action.state === "done" || action.state === "reversed") && action.isError !== true;
    if (did && action.money !== undefined)
      money[action.money.currency] = (money[action.money.currency] ?? 0) + action.money.minor;
  }
  return { calls, atSystemsMs, open, money };
}

/** How often it was sent, and how long until its answer; undefined where none came. */
function sentOf({ moves }: TimedAction): { readonly sent: number; readonly ms: number | undefined } {
  const intents = moves.filter(({ kind }) => kind === "intent");
  const [first, end] = [intents[0], moves.find(({ kind }) => kind === "outcome")];
  const ms = first === undefined || end === undefined ? undefined : Date.parse(end.at) - Date.parse(first.at);
  return { sent: intents.length, ms };
}

/** In words, what is known and what is not: nothing is told as nought that nobody measured. */
export function costWords({ calls, atSystemsMs, open, money }: Cost): string {
  if (calls === 0) return "no call was sent to any system";
  const answered = calls > open ? `, ${later(atSystemsMs)} at the systems called` : "";
  const unknown = open === 0 ? "" : `, ${open} of them without an answer yet, so nobody knows how long`;
  const sums = Object.entries(money).map(([currency, minor]) => moneyWords(minor, currency));
  const named =
    sums.length === 0 ? ", no amount of money named in them" : `, ${sums.join(" and ")} named in those that ran`;
  return `${calls} ${calls === 1 ? "call" : "calls"} sent${answered}${unknown}${named}`;
}

/** Of one action alone, short; undefined where it was never sent. */
export function spent(action: TimedAction): string | undefined {
  const { sent, ms } = sentOf(action);
  if (sent === 0) return undefined;
  const time = ms === undefined ? "time not known" : later(ms);
  const { money } = action;
  return `${sent} ${sent === 1 ? "call" : "calls"}, ${time}${money === undefined ? "" : `, ${moneyWords(money.minor, money.currency)}`}`;
}

function moneyWords(minor: number, currency: string): string {
  const { maximumFractionDigits = 2 } = digitsOf(currency);
  return `${(minor / 10 ** maximumFractionDigits).toFixed(maximumFractionDigits)} ${currency}`;
}

function digitsOf(currency: string): { readonly maximumFractionDigits?: number } {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  } catch {
    return {};
  }
}
