import { type Cipheriv, createCipheriv, createDecipheriv, createSecretKey, KeyObject } from "node:crypto";

/**
 * XAES-256-GCM (C2SP): AES-256-GCM under a key derived from the key and the first half of a 192-bit nonce, so that
 * random nonces are safe for far more messages than the 2^32 that plain AES-GCM allows under one key.
 * https://c2sp.org/XAES-256-GCM
 */
export interface XaesKey {
  /** Single blocks of AES under the key, as CMAC uses them; without chaining or padding a cipher has no state. */
  readonly blocks: Cipheriv;
  /** CMAC's subkey K1, the only one that a derivation of one block needs. */
  readonly subkey: Buffer;
}

export const xaesNonceBytes = 24;
export const gcmTagBytes = 16;

export function xaesKey(key: Buffer | KeyObject): XaesKey {
  if ((key instanceof KeyObject ? key.symmetricKeySize : key.length) !== 32) throw new RangeError("a key has 32 bytes");
  const blocks = createCipheriv("aes-256-ecb", key, null);
  blocks.setAutoPadding(false);
  const subkey = blocks.update(Buffer.alloc(16));
  let carry = 0;
  for (let i = 15; i >= 0; i--) {
    const byte = subkey[i] ?? 0;
    subkey[i] = ((byte << 1) | carry) & 0xff;
    carry = byte >> 7;
  }
  if (carry === 1) subkey[15] = (subkey[15] ?? 0) ^ 0x87;
  return { blocks, subkey };
}

/** Ciphertext and tag. */
export function xaesSeal(key: XaesKey, nonce: Buffer, plaintext: Uint8Array, aad: Uint8Array): Buffer {
  return gcmSeal(derive(key, nonce), nonce.subarray(12), plaintext, aad);
}

/** Throws where the key, the nonce, the associated data or a bit of the sealed bytes is another. */
export function xaesOpen(key: XaesKey, nonce: Buffer, sealed: Uint8Array, aad: Uint8Array): Buffer {
  return gcmOpen(derive(key, nonce), nonce.subarray(12), sealed, aad);
}

export function gcmSeal(key: Buffer, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-256-gcm", createSecretKey(key), nonce, { authTagLength: gcmTagBytes });
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

export function gcmOpen(key: Buffer, nonce: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Buffer {
  const end = sealed.length - gcmTagBytes;
  if (end < 0) throw new RangeError("too short");
  const decipher = createDecipheriv("aes-256-gcm", createSecretKey(key), nonce, { authTagLength: gcmTagBytes });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(end));
  // GCM is a stream: `update` gives all of it, and `final` says whether it is true.
  const plaintext = decipher.update(sealed.subarray(0, end));
  decipher.final();
  return plaintext;
}

// Owned here alone: written whole and used at once.
const block = Buffer.alloc(32);

function derive({ blocks, subkey }: XaesKey, nonce: Buffer): Buffer {
  if (nonce.length !== xaesNonceBytes) throw new RangeError("a nonce has 24 bytes");
  for (const half of [0, 16]) {
    block[half] = 0;
    block[half + 1] = half === 0 ? 1 : 2;
    block[half + 2] = 0x58;
    block[half + 3] = 0;
    nonce.copy(block, half + 4, 0, 12);
    for (let i = 0; i < 16; i++) block[half + i] = (block[half + i] ?? 0) ^ (subkey[i] ?? 0);
  }
  return blocks.update(block);
}
