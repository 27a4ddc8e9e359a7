import { randomBytes } from "node:crypto";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
let lastMs = 0;
let lastRandom = 0n;

export type IdKind = "act" | "gov" | "run" | "key" | "dec" | "stp" | "wrt" | "tok" | "ses" | "lse";

/** `kind_` and 26 characters that sort by time: 48 bits of milliseconds, 80 random bits that rise within one. */
export function newId(kind: IdKind, nowMs: number = Date.now()): string {
  const ms = Math.max(Math.floor(nowMs), lastMs);
  if (ms === lastMs) lastRandom += 1n + BigInt(randomBytes(2).readUInt16BE(0));
  else lastRandom = BigInt(`0x${randomBytes(10).toString("hex")}`) >> 1n;
  lastMs = ms;
  let value = (BigInt(ms) << 80n) | (lastRandom & ((1n << 80n) - 1n));
  let text = "";
  for (let i = 0; i < 26; i++) {
    text = alphabet[Number(value & 31n)] + text;
    value >>= 5n;
  }
  return `${kind}_${text}`;
}

export function isId(kind: IdKind, text: unknown): text is string {
  return typeof text === "string" && text.startsWith(`${kind}_`) && /^[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}$/.test(text);
}
