import { canonical } from "@countersign/contract";
import type { CallFlow } from "../catalog/index.ts";
import { endorses } from "./endorse.ts";
import { spellingsOf } from "./tokens.ts";

/**
 * What a call does for good, by which a second one of the same is known, however it spells its places; undefined where
 * something undoes it, it names no place, or anybody may choose all of them.
 */
export function doneAt(workflow: string, tool: string, { effect, destinations }: CallFlow): string | undefined {
  if (effect !== "irreversible") return undefined;
  const chosen = destinations.filter(({ value, endorse }) => endorse === undefined || !endorses(endorse, value));
  const places = chosen.map(({ at, value }) => `${at.replace(/\.\d+(?=\.|$)/g, "")} ${plain(value)}`);
  return places.length === 0 ? undefined : canonical([workflow, tool, [...new Set(places)].sort()]);
}

/** One spelling of a value. A number is one however it is written: a server reads `1.10` and `"1.1"` as one amount. */
function plain(value: string | number): string {
  const [spelling = [String(value)]] = spellingsOf(value);
  const text = spelling.join(" ");
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? String(Number(text)) : text;
}
