import { randomFillSync } from "node:crypto";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Random bytes of the system's generator, fetched by the page. What is handed out leaves the page, so no two share any. */
export function freshBytes(count: number): Buffer {
  if (count > 256) throw new RangeError("for keys, nonces and ids only");
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const page = pool.subarray(used, used + count);
  const bytes = Buffer.from(page);
  page.fill(0);
  used += count;
  return bytes;
}

/** From 0 to below 1, in steps of 2^-32. */
export function chance(): number {
  return freshBytes(4).readUInt32BE() / 2 ** 32;
}

// Two halves of 40 bits each, so that plain numbers hold them exactly.
const half = 2 ** 40;
let lastMs = 0;
let high = 0;
let low = 0;
let msText = "";

export type IdKind =
  | "act"
  | "gov"
  | "run"
  | "key"
  | "dec"
  | "stp"
  | "wrt"
  | "tok"
  | "ses"
  | "lse"
  | "con"
  | "cns"
  | "ntc"
  | "psk"
  | "gls"
  | "lgn"
  | "rev";

/** `kind_` and 26 characters that sort by time: 48 bits of milliseconds, 80 random bits that rise within one. */
export function newId(kind: IdKind, nowMs: number = Date.now()): string {
  const ms = Math.max(Math.floor(nowMs), lastMs);
  if (ms === lastMs) {
    low += 1 + freshBytes(2).readUInt16BE(0);
    if (low >= half) {
      low -= half;
      high += 1;
    }
  } else {
    const bytes = freshBytes(10);
    // The first bit stays free, so that rising within a millisecond never overflows.
    high = bytes.readUIntBE(0, 5) % (half / 2);
    low = bytes.readUIntBE(5, 5);
    msText = base32(ms, 10);
  }
  lastMs = ms;
  return `${kind}_${msText}${base32(high, 8)}${base32(low, 8)}`;
}

/** Sorts before every id of that kind from this moment on, and after all before it. */
export function firstIdAt(kind: IdKind, nowMs: number): string {
  return `${kind}_${base32(Math.max(0, Math.floor(nowMs)), 10)}${"0".repeat(16)}`;
}

/** When an id was made, by the clock of the machine that made it. */
export function idMs(id: string): number {
  return [...id.slice(4, 14)].reduce((ms, digit) => ms * 32 + alphabet.indexOf(digit), 0);
}

function base32(value: number, length: number): string {
  let left = value;
  let text = "";
  for (let i = 0; i < length; i++) {
    text = alphabet.charAt(left % 32) + text;
    left = Math.floor(left / 32);
  }
  return text;
}

export function isId(kind: IdKind, text: unknown): text is string {
  return typeof text === "string" && text.startsWith(`${kind}_`) && /^[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}$/.test(text);
}
