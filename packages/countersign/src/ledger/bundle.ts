import {
  type BundledEntry,
  canonical,
  documentDepth,
  envelopeKeyId,
  formatEnvelope,
  type Json,
  parseJson,
  preAuthentication,
  type Receipt,
  readLeaf,
  receiptType,
  statementType,
} from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import { checkpointAt, latestCheckpoint, leavesOf } from "./log-sql.ts";
import { Prover } from "./prove.ts";
import type { Disclosed, Subject } from "./read.ts";
import type { Signer } from "./signing-key.ts";

export interface BundleWish {
  readonly signer: Signer;
  readonly subject: Subject;
  /** Entries about other subjects that this receipt rests on. */
  readonly supporting?: readonly Subject[];
  /** Size of a checkpoint that the reader has pinned: the bundle then proves that the log only grew. */
  readonly since?: number;
  /** Size of the checkpoint to prove against; the latest where absent. */
  readonly size?: number;
  /** Leaves payloads and nonce out: who acted and when is proven, with what is not shown. */
  readonly withhold?: boolean;
}

export interface Bundle {
  /** The whole file; not a byte may be added. */
  readonly text: string;
  /** `pending` until the sequencer has taken every entry of the subject. */
  readonly proof: "included" | "pending";
}

/** Builds the receipt of one subject as a file that verifies offline. Reads one snapshot: pass a transaction. */
export async function buildBundle(tx: Tx, wish: BundleWish): Promise<Bundle> {
  const latest = await checkpointOf(tx, wish.size);
  const supporting = wish.supporting ?? [];
  const all = [wish.subject, ...supporting].flatMap((subject) => subject.entries.map(({ entry }) => entry));
  if (wish.subject.entries.length === 0)
    throw new Problem("not_found", `there is nothing about \`${wish.subject.subject}\``);
  const size = latest?.size ?? 0;
  const places = new Map<string, number>();
  for (const leaf of await leavesOf(tx, all))
    if (leaf.index < size) places.set(`${leaf.writer} ${leaf.seq}`, leaf.index);
  const prover = new Prover(tx, size);

  const bundled = async (disclosed: Disclosed, isShown: boolean): Promise<BundledEntry> => {
    const { entry, payload } = disclosed;
    const index = places.get(`${entry.writer} ${entry.seq}`);
    const leaf = readLeaf(parseJson(entry.leaf.toString("utf8"), { maxBytes: 65_536 }), "leaf");
    const place = index === undefined ? {} : { place: { index, proof: base64(await prover.inclusion(index)) } };
    return { leaf, ...place, ...(isShown ? { payload } : {}) };
  };
  const isShown = (subject: Subject): boolean => subject.key !== null && wish.withhold !== true;

  const entries: BundledEntry[] = [];
  for (const disclosed of wish.subject.entries) entries.push(await bundled(disclosed, isShown(wish.subject)));
  const others: BundledEntry[] = [];
  for (const subject of supporting) {
    const nonce = isShown(subject) && subject.key !== null ? { nonce: subject.key.nonce.toString("base64") } : {};
    for (const disclosed of subject.entries) others.push({ ...(await bundled(disclosed, isShown(subject))), ...nonce });
  }
  const { since } = wish;
  const receipt: Receipt = {
    v: 1,
    subject: wish.subject.subject,
    ...(isShown(wish.subject) && wish.subject.key !== null ? { nonce: wish.subject.key.nonce.toString("base64") } : {}),
    entries,
    supporting: others,
    checkpoint: latest?.note ?? null,
    ...(since === undefined || since > size
      ? {}
      : { consistency: { from: since, proof: base64(await prover.consistency(since)) } }),
  };
  const digest = wish.subject.entries.at(-1)?.entry.hash.toString("hex") ?? "";
  return { text: seal(receipt, digest, wish.signer), proof: places.size === all.length ? "included" : "pending" };
}

async function checkpointOf(tx: Tx, size: number | undefined): Promise<{ size: number; note: string } | null> {
  if (size === undefined) return latestCheckpoint(tx);
  const note = await checkpointAt(tx, size);
  if (note === null) throw new Problem("not_found", `there is no checkpoint of \`${size}\` entries`);
  return { size, note };
}

function seal(receipt: Receipt, digest: string, signer: Signer): string {
  const statement = {
    _type: statementType,
    subject: [{ name: receipt.subject, digest: { sha256: digest } }],
    predicateType: receiptType,
    predicate: receipt as unknown as Json,
  };
  const payload = Buffer.from(canonical(statement, documentDepth), "utf8");
  return formatEnvelope(payload, envelopeKeyId(signer), signer.sign(preAuthentication(payload)));
}

function base64(hashes: readonly Buffer[]): string[] {
  return hashes.map((hash) => hash.toString("base64"));
}
