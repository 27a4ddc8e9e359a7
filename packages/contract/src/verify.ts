import { type BundledEntry, parseStatement, type Receipt, type Statement } from "./bundle.ts";
import { type Bytes, equal, fromBase64, toBase64, toHex, utf8 } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Leaf } from "./entry.ts";
import { envelopeKeyId, parseEnvelope, preAuthentication } from "./envelope.ts";
import { Flaw, type FlawCode, type FoundFlaw } from "./flaw.ts";
import type { Json } from "./json.ts";
import { flawOfStep } from "./leaf.ts";
import { leafHash, verifyConsistency, verifyInclusion } from "./merkle.ts";
import { verifyEd25519 } from "./note.ts";
import { answerFault } from "./passkey.ts";
import { documentDepth } from "./shape.ts";
import { maySign, openCheckpoint, type PinnedKey, pinnedKeys, type Trust } from "./trust.ts";

/** What a receipt bundle proves against a pinned trust. */
export interface Verified {
  readonly ok: boolean;
  readonly subject: string | null;
  readonly entries: readonly Leaf[];
  /** Steps whose payload the bundle does not show: they are proven to be unchanged, not what they say. */
  readonly withheld: readonly number[];
  /** `pending`: signed by the log, but not all of it is in the tree yet. */
  readonly proof: "included" | "pending" | "none";
  /** How the checkpoint stands to the pinned one; `unproven` says only that the bundle has no proof between the two. */
  readonly pin: "none" | "same" | "consistent" | "unproven";
  readonly checkpoint: Checkpoint | null;
  readonly problems: readonly FoundFlaw[];
}

const zeroHash = toBase64(new Uint8Array(32));

/** Verifies a bundle offline. Throws `Flaw` where the trust itself cannot be used; never trusts a key in the bundle. */
export async function verifyBundle(bytes: Uint8Array, trust: Trust): Promise<Verified> {
  const keys = await pinnedKeys(trust);
  const pinned = trust.lastCheckpoint === undefined ? null : await openCheckpoint(trust.lastCheckpoint, trust, keys);
  try {
    const { statement, signer } = await openBundle(bytes, keys);
    return await judge(statement, signer, trust, keys, pinned);
  } catch (flaw) {
    if (!(flaw instanceof Flaw)) throw flaw;
    return {
      ok: false,
      subject: null,
      entries: [],
      withheld: [],
      proof: "none",
      pin: "none",
      checkpoint: null,
      problems: [flaw.found()],
    };
  }
}

/** The signature is verified before a byte of the payload is read. */
async function openBundle(
  bytes: Uint8Array,
  keys: readonly PinnedKey[],
): Promise<{ statement: Statement; signer: PinnedKey }> {
  const envelope = parseEnvelope(bytes);
  const signer = keys.find((key) => envelopeKeyId(key) === envelope.keyId);
  if (signer === undefined)
    throw new Flaw("unknown_key", "envelope", "the bundle is signed by a key that is not pinned");
  if (!(await verifyEd25519(signer.publicKey, envelope.signature, preAuthentication(envelope.payload)))) {
    throw new Flaw("signature", "envelope", "the bundle's signature does not hold");
  }
  return { statement: parseStatement(envelope.payload), signer };
}

async function judge(
  statement: Statement,
  signer: PinnedKey,
  trust: Trust,
  keys: readonly PinnedKey[],
  pinned: Checkpoint | null,
): Promise<Verified> {
  const receipt = statement.predicate;
  const checkpoint = receipt.checkpoint === null ? null : await openCheckpoint(receipt.checkpoint, trust, keys);
  const judgement = new Judgement(receipt, checkpoint);
  if (
    !maySign(signer, checkpoint?.size ?? signer.until) ||
    (checkpoint === null && signer.until !== Number.MAX_SAFE_INTEGER)
  ) {
    judgement.add("key_window", "envelope", "the key that signed the bundle was not in turn");
  }
  await judgement.subject(statement);
  await judgement.entries();
  const pin = await judgement.pin(pinned);
  const isPending = judgement.problems.some((flaw) => flaw.code === "pending");
  return {
    ok: judgement.problems.length === 0,
    subject: receipt.subject,
    entries: receipt.entries.map((entry) => entry.leaf),
    withheld: receipt.entries.filter((entry) => entry.payload === undefined).map((entry) => entry.leaf.step),
    proof: isPending ? "pending" : "included",
    pin,
    checkpoint,
    problems: judgement.problems,
  };
}

interface Seen {
  readonly leaf: Leaf;
  readonly hash: Bytes;
  readonly index: number | undefined;
  readonly at: string;
}

class Judgement {
  readonly problems: FoundFlaw[] = [];
  readonly #receipt: Receipt;
  readonly #checkpoint: Checkpoint | null;

  constructor(receipt: Receipt, checkpoint: Checkpoint | null) {
    this.#receipt = receipt;
    this.#checkpoint = checkpoint;
  }

  add(code: FlawCode, at: string, sentence: string): void {
    this.problems.push({ code, at, sentence });
  }

  async subject(statement: Statement): Promise<void> {
    const { subject, entries } = this.#receipt;
    const [about] = statement.subject;
    const last = entries.at(-1);
    if (last === undefined) return this.add("step", "/predicate/entries", "the receipt holds no entry");
    const digest = toHex(await hashOf(last.leaf));
    if (about.name !== subject || about.digest.sha256 !== digest) {
      this.add("subject", "/subject/0", "the statement names another subject than its receipt");
    }
    let before: Leaf | undefined;
    for (const [i, { leaf }] of entries.entries()) {
      const at = `/predicate/entries/${i}`;
      if (leaf.subject !== subject)
        this.add("subject", at, `an entry of \`${leaf.subject}\` stands among those of \`${subject}\``);
      const flaw = flawOfStep(before, leaf, at);
      if (flaw !== undefined) this.problems.push(flaw);
      before = leaf;
    }
  }

  async entries(): Promise<void> {
    const { entries, supporting, nonce } = this.#receipt;
    const seen: Seen[] = [];
    for (const [i, entry] of entries.entries()) seen.push(await this.#entry(entry, nonce, `/predicate/entries/${i}`));
    for (const [i, entry] of supporting.entries()) {
      const key = entry.nonce ?? (entry.leaf.subject === this.#receipt.subject ? nonce : undefined);
      seen.push(await this.#entry(entry, key, `/predicate/supporting/${i}`));
    }
    this.#chains(seen);
  }

  async #entry(entry: BundledEntry, nonce: string | undefined, at: string): Promise<Seen> {
    const hash = await hashOf(entry.leaf);
    if (entry.payload !== undefined && !(await commits(entry.leaf.commit, nonce, entry.payload))) {
      this.add("commitment", at, `the payload of ${nameOf(entry.leaf)} is not the one that was recorded`);
    }
    const fault = entry.payload === undefined ? undefined : await answerFault(entry.leaf, entry.payload);
    if (fault !== undefined) this.add("passkey", at, `${nameOf(entry.leaf)}: ${fault}`);
    const seen = { leaf: entry.leaf, hash, index: entry.place?.index, at };
    if (entry.place === undefined || this.#checkpoint === null) {
      this.add("pending", at, `${nameOf(entry.leaf)} is not in the tree yet`);
      return seen;
    }
    const { size, root } = this.#checkpoint;
    const claim = { index: entry.place.index, size, leaf: hash, root: hashFrom(root) };
    if (!(await verifyInclusion(claim, entry.place.proof.map(hashFrom)))) {
      this.add("inclusion", at, `${nameOf(entry.leaf)} is not in the tree of the checkpoint`);
    }
    this.#head(seen, this.#checkpoint);
    return seen;
  }

  #head({ leaf, hash, at }: Seen, { heads, closed }: Checkpoint): void {
    const head = heads.find((known) => known.writer === leaf.writer);
    const isCovered =
      head === undefined
        ? closed.count > 0
        : leaf.seq < head.seq || (leaf.seq === head.seq && toBase64(hash) === head.hash);
    if (!isCovered) this.add("head", at, `the checkpoint does not cover ${nameOf(leaf)}`);
  }

  /** Entries of one writer link to each other and stand in the tree in their own order. */
  #chains(seen: readonly Seen[]): void {
    const sorted = seen.toSorted((a, b) =>
      a.leaf.writer < b.leaf.writer ? -1 : a.leaf.writer > b.leaf.writer ? 1 : a.leaf.seq - b.leaf.seq,
    );
    for (const [i, entry] of sorted.entries()) {
      const before = sorted[i - 1];
      const { leaf } = entry;
      if (leaf.seq === 0 && leaf.prev !== zeroHash)
        this.add("chain", entry.at, `${nameOf(leaf)} is the first of its chain but links back`);
      if (before === undefined || before.leaf.writer !== leaf.writer) continue;
      const links = before.leaf.seq + 1 === leaf.seq ? leaf.prev === toBase64(before.hash) : before.leaf.seq < leaf.seq;
      const isOrdered = before.index === undefined || entry.index === undefined || before.index < entry.index;
      if (!links || !isOrdered || before.leaf.at >= leaf.at) {
        this.add("chain", entry.at, `${nameOf(leaf)} does not follow ${nameOf(before.leaf)}`);
      }
    }
  }

  async pin(pinned: Checkpoint | null): Promise<Verified["pin"]> {
    const checkpoint = this.#checkpoint;
    if (pinned === null || checkpoint === null) return "none";
    if (pinned.size === checkpoint.size) {
      if (pinned.root === checkpoint.root) return "same";
      this.add("fork", "/predicate/checkpoint", "the log has shown two different trees of the same size");
      return "unproven";
    }
    const { consistency } = this.#receipt;
    if (consistency?.from !== pinned.size) return "unproven";
    const claim = {
      from: pinned.size,
      fromRoot: hashFrom(pinned.root),
      to: checkpoint.size,
      toRoot: hashFrom(checkpoint.root),
    };
    if (await verifyConsistency(claim, consistency.proof.map(hashFrom))) return "consistent";
    this.add("fork", "/predicate/consistency", "the tree does not begin with the tree that was pinned");
    return "unproven";
  }
}

/** How sentences name a record. */
function nameOf(leaf: Leaf): string {
  return `entry ${leaf.seq} of writer \`${leaf.writer}\` (step ${leaf.step} of \`${leaf.subject}\`)`;
}

function hashOf(leaf: Leaf): Promise<Bytes> {
  return leafHash(utf8(canonical({ ...leaf })));
}

/** Of base64 whose form has been checked. */
function hashFrom(text: string): Bytes {
  return fromBase64(text) ?? new Uint8Array();
}

async function commits(commit: string, nonce: string | undefined, payload: Json): Promise<boolean> {
  if (nonce === undefined) return false;
  const key = await crypto.subtle.importKey("raw", hashFrom(nonce), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, utf8(canonical(payload, documentDepth)));
  return equal(new Uint8Array(mac), hashFrom(commit));
}
