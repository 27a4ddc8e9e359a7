import { canonical, type EntryKind, type Json, type Leaf, type State } from "@countersign/contract";
import { sha256 } from "../floor/digest.ts";
import { Problem } from "../floor/problem.ts";

/** What someone wants to have recorded; the writer adds its place in the chain. */
export interface Draft {
  readonly subject: string;
  readonly step: number;
  readonly kind: EntryKind;
  readonly from: State | null;
  readonly to: State | null;
  readonly agent?: string;
  readonly workflow?: string;
  readonly person?: string;
  readonly tool?: string;
  readonly run?: string;
  /** Private: stored sealed under the subject's key; the leaf holds a commitment only. */
  readonly payload: Json;
}

/** A draft whose payload has been sealed and committed to. */
export interface Sealed {
  readonly draft: Draft;
  readonly commit: string;
  readonly sealed: Buffer;
}

export interface Placed extends Sealed {
  readonly seq: number;
  readonly at: string;
  readonly leaf: Buffer;
  readonly hash: Buffer;
}

/** Where a writer's chain stands: the next number, and the hash that the next entry links to. */
export interface Head {
  readonly seq: number;
  readonly hash: Buffer;
}

export const emptyHead: Head = { seq: 0, hash: Buffer.alloc(32) };

/** C2SP entry bundles give each leaf a length of 16 bits. */
const longestLeaf = 65_535;
const leafPrefix = Buffer.from([0]);

/** RFC 6962 leaf hash: what the chain links and what the Merkle tree holds are one and the same. */
export function leafHash(leaf: Uint8Array): Buffer {
  return sha256(leafPrefix, leaf);
}

/** Puts a sealed draft behind `head`. */
export function place(writer: string, head: Head, at: string, sealed: Sealed): Placed {
  const { draft } = sealed;
  const leaf: Leaf = {
    v: 1,
    writer,
    seq: head.seq,
    prev: head.hash.toString("base64"),
    at,
    kind: draft.kind,
    subject: draft.subject,
    step: draft.step,
    from: draft.from,
    to: draft.to,
    ...(draft.agent === undefined ? {} : { agent: draft.agent }),
    ...(draft.workflow === undefined ? {} : { workflow: draft.workflow }),
    ...(draft.person === undefined ? {} : { person: draft.person }),
    ...(draft.tool === undefined ? {} : { tool: draft.tool }),
    ...(draft.run === undefined ? {} : { run: draft.run }),
    commit: sealed.commit,
  };
  const bytes = Buffer.from(canonical(leaf as unknown as Json), "utf8");
  if (bytes.length > longestLeaf) throw new Problem("too_large", "a name in this record is too long for the ledger");
  return { ...sealed, seq: head.seq, at, leaf: bytes, hash: leafHash(bytes) };
}
