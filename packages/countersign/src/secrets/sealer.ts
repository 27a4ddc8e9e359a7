import { type KeyObject, randomBytes } from "node:crypto";
import { freshBytes } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { gcmTagBytes, type XaesKey, xaesKey, xaesNonceBytes, xaesOpen, xaesSeal } from "./xaes.ts";

/** Seals bytes under the key-encryption key in force, and opens what any key that is still kept has sealed. */
export interface Sealer {
  /** Id of the key in force. */
  readonly keyId: string;
  /** `aad` is authenticated, not stored: opening needs the same. */
  seal(plaintext: Uint8Array, aad: string): Buffer;
  /** `unavailable` where the key is gone, `conflict` where the bytes or `aad` are not those that were sealed. */
  open(sealed: Uint8Array, aad: string): Buffer;
  /** A fresh 32-byte data key and its wrapping. */
  createKey(aad: string): { readonly key: Buffer; readonly wrapped: Buffer };
  wrapKey(key: Uint8Array, aad: string): Buffer;
  unwrapKey(wrapped: Uint8Array, aad: string): Buffer;
}

/** One key-encryption key. `id` is 8 hex digits. */
export interface SealingKey {
  readonly id: string;
  readonly key: Buffer;
}

const format = 1;
const headBytes = 1 + 4 + xaesNonceBytes;

/** The same as a key object, which no log and no JSON can show. */
export interface LentKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** The first key seals; all of them open. */
export function createSealer(keys: readonly (SealingKey | LentKey)[]): Sealer {
  const [current] = keys;
  if (current === undefined) throw new Problem("unavailable", "there is no key to seal with");
  const opened = new Map<string, XaesKey>(keys.map(({ id, key }) => [id, xaesKey(key)]));
  const sealing = xaesKey(current.key);
  const head = Buffer.concat([Buffer.from([format]), Buffer.from(current.id, "hex")]);

  function seal(plaintext: Uint8Array, aad: string): Buffer {
    const nonce = freshBytes(xaesNonceBytes);
    return Buffer.concat([head, nonce, xaesSeal(sealing, nonce, plaintext, bind(head, aad))]);
  }

  function open(bytes: Uint8Array, aad: string): Buffer {
    const sealed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (sealed.length < headBytes + gcmTagBytes || sealed[0] !== format) throw notOurs();
    const key = opened.get(keyIdOf(sealed));
    if (key === undefined) {
      throw new Problem("unavailable", "the key that sealed this is not in the key file", {
        help: "put back the key file that was in use when it was sealed",
      });
    }
    try {
      return xaesOpen(key, sealed.subarray(5, headBytes), sealed.subarray(headBytes), bind(sealed.subarray(0, 5), aad));
    } catch {
      throw notOurs();
    }
  }

  function unwrapKey(wrapped: Uint8Array, aad: string): Buffer {
    const key = open(wrapped, aad);
    if (key.length !== 32) throw notOurs();
    return key;
  }

  return {
    keyId: current.id,
    seal,
    open,
    createKey(aad) {
      const key = randomBytes(32);
      return { key, wrapped: seal(key, aad) };
    },
    wrapKey: seal,
    unwrapKey,
  };
}

/** Which key sealed these bytes. */
export function keyIdOf(sealed: Uint8Array): string {
  return Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength).toString("hex", 1, 5);
}

function bind(head: Uint8Array, aad: string): Buffer {
  const bound = Buffer.allocUnsafe(head.length + Buffer.byteLength(aad));
  bound.set(head);
  bound.write(aad, head.length);
  return bound;
}

/** Says the same of every fault, so that nobody can probe which part was wrong. */
function notOurs(): Problem {
  return new Problem("conflict", "the sealed bytes are not what was sealed for this place, so they are not opened", {
    help: "restore them from a backup; if nobody has touched them by hand, treat this as tampering",
  });
}
