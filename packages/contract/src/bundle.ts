import type { Leaf } from "./entry.ts";
import { Flaw } from "./flaw.ts";
import type { Json } from "./json.ts";
import { idForm, readLeaf } from "./leaf.ts";
import { readBase64, readCount, readDocument, readList, readMembers, readText } from "./shape.ts";

export const statementType = "https://in-toto.io/Statement/v1";
export const receiptType = "https://countersign.dev/receipt/v1";

/** One entry with its way to the tree's root. Without `place` the sequencer has not taken it yet. */
export interface BundledEntry {
  readonly leaf: Leaf;
  readonly place?: { readonly index: number; readonly proof: readonly string[] };
  /** Absent where it is withheld: erased, or not for this reader. */
  readonly payload?: Json;
  /** Of an entry about another subject only: the nonce of that subject. */
  readonly nonce?: string;
}

/**
 * What a receipt proves. The nonce lets anyone test guesses against the commitments of this subject: a builder that
 * withholds a payload whose content could be guessed must withhold the nonce too.
 */
export interface Receipt {
  readonly v: 1;
  readonly subject: string;
  /** Base64, 32 bytes. */
  readonly nonce?: string;
  /** All entries of the subject by step. */
  readonly entries: readonly BundledEntry[];
  /** Entries about other subjects that this one rests on. */
  readonly supporting: readonly BundledEntry[];
  /** A signed note; null where the log had none yet. */
  readonly checkpoint: string | null;
  /** Proof that the checkpoint's tree begins with a tree that the reader had pinned. */
  readonly consistency?: { readonly from: number; readonly proof: readonly string[] };
}

/** An in-toto Statement v1. The digest is the last entry's leaf hash. */
export interface Statement {
  readonly _type: typeof statementType;
  readonly subject: readonly [{ readonly name: string; readonly digest: { readonly sha256: string } }];
  readonly predicateType: typeof receiptType;
  readonly predicate: Receipt;
}

/** The statement that an envelope's payload is, in canonical form and with nothing unknown in it. */
export function parseStatement(bytes: Uint8Array): Statement {
  const value = readMembers(readDocument(bytes, ""), "", ["_type", "predicate", "predicateType", "subject"]);
  if (value._type !== statementType || value.predicateType !== receiptType) {
    throw new Flaw("shape", "/predicateType", "the statement is not a receipt of version 1");
  }
  const [subject, ...more] = readList(value.subject, "/subject");
  if (more.length > 0) throw new Flaw("shape", "/subject", "a receipt is about one subject");
  const about = readMembers(subject, "/subject/0", ["digest", "name"]);
  const digest = readMembers(about.digest, "/subject/0/digest", ["sha256"]);
  return {
    _type: statementType,
    predicateType: receiptType,
    subject: [
      {
        name: readText(about.name, "/subject/0/name", idForm),
        digest: { sha256: readText(digest.sha256, "/subject/0/digest/sha256", /^[0-9a-f]{64}$/) },
      },
    ],
    predicate: readReceipt(value.predicate),
  };
}

function readReceipt(value: Json | undefined): Receipt {
  const at = "/predicate";
  const receipt = readMembers(
    value,
    at,
    ["checkpoint", "entries", "subject", "supporting", "v"],
    ["consistency", "nonce"],
  );
  if (receipt.v !== 1) throw new Flaw("shape", `${at}/v`, "only version 1 of a receipt is known");
  const { checkpoint, consistency, nonce } = receipt;
  if (nonce !== undefined) readBase64(nonce, `${at}/nonce`, 32);
  return {
    v: 1,
    subject: readText(receipt.subject, `${at}/subject`, idForm),
    entries: readList(receipt.entries, `${at}/entries`).map((entry, i) =>
      readEntry(entry, `${at}/entries/${i}`, false),
    ),
    supporting: readList(receipt.supporting, `${at}/supporting`).map((entry, i) =>
      readEntry(entry, `${at}/supporting/${i}`, true),
    ),
    checkpoint: checkpoint === null ? null : readText(checkpoint, `${at}/checkpoint`),
    ...(nonce === undefined ? {} : { nonce: readText(nonce, `${at}/nonce`) }),
    ...(consistency === undefined ? {} : { consistency: readConsistency(consistency) }),
  };
}

function readEntry(value: Json, at: string, isSupporting: boolean): BundledEntry {
  const entry = readMembers(value, at, ["leaf"], isSupporting ? ["nonce", "payload", "place"] : ["payload", "place"]);
  const { payload, nonce } = entry;
  if (nonce !== undefined) readBase64(nonce, `${at}/nonce`, 32);
  return {
    leaf: readLeaf(entry.leaf, `${at}/leaf`),
    ...(entry.place === undefined ? {} : { place: readPlace(entry.place, `${at}/place`) }),
    ...(payload === undefined ? {} : { payload }),
    ...(nonce === undefined ? {} : { nonce: readText(nonce, `${at}/nonce`) }),
  };
}

function readPlace(value: Json, at: string): NonNullable<BundledEntry["place"]> {
  const place = readMembers(value, at, ["index", "proof"]);
  return { index: readCount(place.index, `${at}/index`), proof: readProof(place.proof, `${at}/proof`) };
}

function readConsistency(value: Json): NonNullable<Receipt["consistency"]> {
  const at = "/predicate/consistency";
  const consistency = readMembers(value, at, ["from", "proof"]);
  return { from: readCount(consistency.from, `${at}/from`), proof: readProof(consistency.proof, `${at}/proof`) };
}

function readProof(value: Json | undefined, at: string): readonly string[] {
  return readList(value, at).map((hash, i) => {
    readBase64(hash, `${at}/${i}`, 32);
    return readText(hash, `${at}/${i}`);
  });
}
