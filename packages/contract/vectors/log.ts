import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import {
  type BundledEntry,
  canonical,
  type EntryKind,
  envelopeKeyId,
  foldClosed,
  formatCheckpoint,
  formatEnvelope,
  formatNote,
  formatVkey,
  headLine,
  type Json,
  type Leaf,
  leafHash,
  logType,
  nodeHash,
  parseVkey,
  preAuthentication,
  type Receipt,
  receiptType,
  type State,
  signatureLine,
  statementType,
  type WriterHead,
} from "../src/index.ts";

/** A key for tests only: its seed is one byte, repeated. */
export interface TestKey {
  readonly key: KeyObject;
  readonly vkey: string;
  readonly name: string;
  readonly id: string;
}

export async function testKey(name: string, byte: number): Promise<TestKey> {
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, byte)]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const raw = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  const vkey = await formatVkey(name, raw);
  return { key, vkey, name, id: (await parseVkey(vkey)).id };
}

export function signText(key: TestKey, text: string | Uint8Array): Buffer {
  return sign(null, typeof text === "string" ? Buffer.from(text) : text, key.key);
}

export interface Recorded {
  readonly leaf: Leaf;
  readonly hash: Uint8Array;
  readonly payload: Json;
  readonly index: number;
}

type Move = readonly [kind: EntryKind, from: State | null, to: State | null];

/** A small log in memory, with proofs made by the recursive definitions of RFC 6962 section 2.1. */
export class TestLog {
  readonly entries: Recorded[] = [];
  readonly #origin: string;
  readonly closed: WriterHead[] = [];

  constructor(origin: string) {
    this.#origin = origin;
  }

  nonce(subject: string): Buffer {
    return createHmac("sha256", "test nonce").update(subject).digest();
  }

  async append(
    writer: string,
    subject: string,
    move: Move,
    payload: Json,
    change: Partial<Leaf> = {},
  ): Promise<Recorded> {
    const last = this.entries.findLast((entry) => entry.leaf.writer === writer);
    const [kind, from, to] = move;
    const leaf: Leaf = {
      v: 1,
      writer,
      seq: last === undefined ? 0 : last.leaf.seq + 1,
      prev: Buffer.from(last?.hash ?? Buffer.alloc(32)).toString("base64"),
      at: `2026-11-22T10:00:00.${String(this.entries.length).padStart(6, "0")}Z`,
      kind,
      subject,
      step: this.entries.filter((entry) => entry.leaf.subject === subject).length,
      from,
      to,
      agent: "triage-bot",
      workflow: "triage",
      commit: createHmac("sha256", this.nonce(subject)).update(canonical(payload)).digest("base64"),
      ...change,
    };
    const recorded = {
      leaf,
      payload,
      hash: await leafHash(Buffer.from(canonical({ ...leaf }))),
      index: this.entries.length,
    };
    this.entries.push(recorded);
    return recorded;
  }

  heads(size: number): WriterHead[] {
    const heads = new Map<string, WriterHead>();
    for (const { leaf, hash } of this.entries.slice(0, size)) {
      heads.set(leaf.writer, { writer: leaf.writer, seq: leaf.seq, hash: Buffer.from(hash).toString("base64") });
    }
    for (const { writer } of this.closed) heads.delete(writer);
    return [...heads.values()].sort((a, b) => (a.writer < b.writer ? -1 : 1));
  }

  async text(size: number, change: { origin?: string; heads?: WriterHead[]; root?: string } = {}): Promise<string> {
    let folded: Uint8Array = new Uint8Array(32);
    for (const head of this.closed) folded = await foldClosed(folded, head);
    return formatCheckpoint({
      origin: this.#origin,
      size,
      root: Buffer.from(await this.root(0, size)).toString("base64"),
      heads: this.heads(size),
      closed: { count: this.closed.length, hash: Buffer.from(folded).toString("base64") },
      ...change,
    });
  }

  async note(keys: readonly TestKey[], size = this.entries.length): Promise<string> {
    return signed(await this.text(size), keys);
  }

  async root(from: number, to: number): Promise<Uint8Array> {
    if (to - from === 0) return new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array()));
    if (to - from === 1) return this.entries[from]?.hash ?? new Uint8Array();
    const middle = from + split(to - from);
    return nodeHash(await this.root(from, middle), await this.root(middle, to));
  }

  /** PATH(m, D[n]). */
  async path(m: number, from = 0, to = this.entries.length): Promise<Uint8Array[]> {
    if (to - from <= 1) return [];
    const middle = from + split(to - from);
    return m < middle
      ? [...(await this.path(m, from, middle)), await this.root(middle, to)]
      : [...(await this.path(m, middle, to)), await this.root(from, middle)];
  }

  /** PROOF(m, D[n]) as SUBPROOF(m, D[n], true). */
  async consistency(m: number, to = this.entries.length, from = 0, whole = true): Promise<Uint8Array[]> {
    if (m === to) return whole ? [] : [await this.root(from, to)];
    const middle = from + split(to - from);
    return m <= middle
      ? [...(await this.consistency(m, middle, from, whole)), await this.root(middle, to)]
      : [...(await this.consistency(m, to, middle, false)), await this.root(from, middle)];
  }

  async place(index: number, size = this.entries.length): Promise<NonNullable<BundledEntry["place"]>> {
    return { index, proof: base64s(await this.path(index, 0, size)) };
  }

  async receipt(subject: string, note: string | null, size = this.entries.length): Promise<Receipt> {
    const entries: BundledEntry[] = [];
    for (const { leaf, payload, index } of this.entries.filter((entry) => entry.leaf.subject === subject)) {
      const place = note !== null && index < size ? { place: await this.place(index, size) } : {};
      entries.push({ leaf, payload, ...place });
    }
    return { v: 1, subject, nonce: this.nonce(subject).toString("base64"), entries, supporting: [], checkpoint: note };
  }

  exported(notes: readonly string[]): string[] {
    const header = canonical({ checkpoints: notes, closed: this.closed.map(headLine), type: logType, v: 1 });
    return [
      header,
      ...this.entries.map(({ leaf, hash }) => `${Buffer.from(hash).toString("base64")} ${canonical({ ...leaf })}`),
    ];
  }
}

export function base64s(hashes: readonly Uint8Array[]): string[] {
  return hashes.map((hash) => Buffer.from(hash).toString("base64"));
}

export function signed(text: string, keys: readonly TestKey[]): string {
  return formatNote(
    text,
    keys.map((key) => signatureLine(key.name, key.id, signText(key, text))),
  );
}

/** The largest power of two smaller than `n`. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

export async function statementOf(receipt: Receipt): Promise<Json> {
  const last = receipt.entries.at(-1)?.leaf;
  const digest =
    last === undefined
      ? "0".repeat(64)
      : Buffer.from(await leafHash(Buffer.from(canonical({ ...last })))).toString("hex");
  return {
    _type: statementType,
    subject: [{ name: receipt.subject, digest: { sha256: digest } }],
    predicateType: receiptType,
    predicate: receipt as unknown as Json,
  };
}

export function sealed(statement: Json | string, key: TestKey): string {
  const payload = Buffer.from(typeof statement === "string" ? statement : canonical(statement, 80));
  return formatEnvelope(payload, envelopeKeyId(key), signText(key, preAuthentication(payload)));
}

export async function bundleOf(receipt: Receipt, key: TestKey): Promise<string> {
  return sealed(await statementOf(receipt), key);
}
