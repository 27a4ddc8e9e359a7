import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { sha256 } from "../floor/digest.ts";
import { Secret } from "../floor/secret.ts";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** What a text opens: an agent's key, a person's CLI token, a login link, a console session. */
export type KeyPrefix = "csk" | "csp" | "csl" | "css";

const idKinds = { csk: "key", csp: "key", csl: "tok", css: "ses" } as const satisfies Record<KeyPrefix, string>;

/** Matches every secret text that this product hands out, for secret scanners; the last six digits are its CRC-32. */
export const keyTextPattern = /\bcs[kpls]_[0-9a-hjkmnp-tv-z]{26}_[0-9A-Za-z]{49}\b/;

export interface ParsedKey {
  /** With its kind, as rows name it: `key_…`, `tok_…` or `ses_…`. */
  readonly id: string;
  readonly hash: Buffer;
}

/** A fresh text around 256 random bits: `csk_<id>_<43 digits><6 digits>`. It is shown once and stored as its hash. */
export function mintKeyText(prefix: KeyPrefix, id: string): { readonly secret: Secret; readonly hash: Buffer } {
  const body = `${prefix}_${id.slice(4)}_${base62(BigInt(`0x${randomBytes(32).toString("hex")}`), 43)}`;
  const text = body + checksum(body);
  return { secret: new Secret(text), hash: sha256(text) };
}

/** Reads a text of this prefix; undefined where its form or checksum is wrong, before anything is looked up. */
export function parseKeyText(prefix: KeyPrefix, text: string): ParsedKey | undefined {
  if (text.length !== 80 || !text.startsWith(`${prefix}_`) || !keyTextPattern.test(text)) return undefined;
  const body = text.slice(0, -6);
  if (checksum(body) !== text.slice(-6)) return undefined;
  return { id: `${idKinds[prefix]}_${text.slice(4, 30)}`, hash: sha256(text) };
}

function checksum(body: string): string {
  return base62(BigInt(crc32(body)), 6);
}

function base62(value: bigint, width: number): string {
  let rest = value;
  let text = "";
  while (text.length < width) {
    text = digits[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}
