import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { canonical, type Json } from "@countersign/contract";
import { freshBytes } from "../floor/id.ts";
import type { Draft, Sealed } from "./entry.ts";

/** Wraps and unwraps keys under the plane's key-encryption key; `aad` binds a wrapped key to its subject. */
export interface KeyWrap {
  seal(plaintext: Uint8Array, aad: string): Buffer;
  open(sealed: Uint8Array, aad: string): Buffer;
}

/** The key of one subject: its payloads are sealed with it and its commitments are keyed from it. */
export class SubjectKey {
  readonly subject: string;
  readonly #bytes: Buffer;
  // As key objects: a key in bytes is made one at each use, which costs more than sealing with it.
  readonly #key: KeyObject;
  // Made where something is committed to: whoever only opens needs none.
  #commits: { readonly nonce: Buffer; readonly key: KeyObject } | undefined;

  constructor(subject: string, key: Buffer = freshBytes(32)) {
    this.subject = subject;
    this.#bytes = key;
    this.#key = createSecretKey(key);
  }

  get nonce(): Buffer {
    return this.#committing().nonce;
  }

  #committing(): { readonly nonce: Buffer; readonly key: KeyObject } {
    if (this.#commits === undefined) {
      const nonce = createHmac("sha256", this.#key).update("countersign commitment v1").digest();
      this.#commits = { nonce, key: createSecretKey(nonce) };
    }
    return this.#commits;
  }

  static unwrap(subject: string, wrapped: Uint8Array, wrap: Pick<KeyWrap, "open">): SubjectKey {
    return new SubjectKey(subject, wrap.open(wrapped, wrappingContext(subject)));
  }

  wrapped(wrap: KeyWrap): Buffer {
    return wrap.seal(this.#bytes, wrappingContext(this.subject));
  }

  seal(draft: Draft): Sealed {
    const text = Buffer.from(canonical(draft.payload), "utf8");
    const iv = freshBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#key, iv);
    cipher.setAAD(Buffer.from(aadOf(this.subject, draft.step)));
    const sealed = Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    return { draft, sealed, commit: commitment(this.#committing().key, text) };
  }

  open(step: number, sealed: Uint8Array): Json {
    return JSON.parse(this.openText(step, sealed)) as Json;
  }

  /** The payload's canonical text. */
  openText(step: number, sealed: Uint8Array): string {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(aadOf(this.subject, step)));
    decipher.setAuthTag(bytes.subarray(bytes.length - 16));
    // GCM is a stream: `update` gives all of it, and `final` says whether it is true.
    const text = decipher.update(bytes.subarray(12, bytes.length - 16));
    decipher.final();
    return text.toString("utf8");
  }
}

/** What a wrapped key is bound to: its subject, or its own name where it is a key of the plane's own. */
export function wrappingContext(subject: string): string {
  return subject.includes(" ") ? subject : `subject|${subject}`;
}

function aadOf(subject: string, step: number): string {
  return `payload|${subject}|${step}`;
}

/** Base64 HMAC-SHA256 of the payload's canonical text: what a leaf says of a payload. */
export function commitment(nonce: Uint8Array | KeyObject, payloadText: Uint8Array): string {
  return createHmac("sha256", nonce).update(payloadText).digest("base64");
}
