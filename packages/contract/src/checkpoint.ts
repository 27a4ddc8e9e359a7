import { type Bytes, fromBase64, sha256, toBase64, utf8 } from "./bytes.ts";
import { Flaw } from "./flaw.ts";
import { idForm } from "./leaf.ts";
import { isKeyName } from "./note.ts";

/** The last entry of one writer that the tree holds. */
export interface WriterHead {
  readonly writer: string;
  readonly seq: number;
  /** Base64 of the entry's leaf hash. */
  readonly hash: string;
}

/**
 * A tree head in the C2SP tlog-checkpoint form. Extension lines commit to the head of every open writer; the heads of
 * writers that can never write again are folded into one running hash, so that a checkpoint stays small for ever.
 */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
  /** Sorted by writer. */
  readonly heads: readonly WriterHead[];
  readonly closed: { readonly count: number; readonly hash: string };
}

const noneClosed = { count: 0, hash: toBase64(new Uint8Array(32)) };
const countForm = /^(?:0|[1-9][0-9]{0,15})$/;

export function headLine(head: WriterHead): string {
  return `writer ${head.writer} ${head.seq} ${head.hash}`;
}

/** The note text, to be signed. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const lines = [checkpoint.origin, `${checkpoint.size}`, checkpoint.root, ...checkpoint.heads.map(headLine)];
  if (checkpoint.closed.count > 0) lines.push(`closed ${checkpoint.closed.count} ${checkpoint.closed.hash}`);
  return `${lines.join("\n")}\n`;
}

export function parseCheckpoint(text: string): Checkpoint {
  const [origin = "", size = "", root = "", ...extensions] = text.slice(0, -1).split("\n");
  const last = extensions.at(-1);
  const closed = last?.startsWith("closed ") ? parseClosed(last) : noneClosed;
  const heads = (closed === noneClosed ? extensions : extensions.slice(0, -1)).map(parseHead);
  const checkpoint = { origin, size: parseCount(size), root, heads, closed };
  const isSorted = heads.every((head, at) => at === 0 || (heads[at - 1]?.writer ?? "") < head.writer);
  if (!isKeyName(origin) || !isHash(root) || !isSorted || formatCheckpoint(checkpoint) !== text) throw malformed();
  return checkpoint;
}

function parseHead(line: string): WriterHead {
  const [word, writer = "", seq = "", hash = ""] = line.split(" ");
  if (word !== "writer" || !idForm.test(writer) || !isHash(hash)) throw malformed();
  return { writer, seq: parseCount(seq), hash };
}

function parseClosed(line: string): Checkpoint["closed"] {
  const [, count = "", hash = ""] = line.split(" ");
  if (!isHash(hash) || count === "0") throw malformed();
  return { count: parseCount(count), hash };
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!countForm.test(text) || !Number.isSafeInteger(count)) throw malformed();
  return count;
}

function isHash(text: string): boolean {
  return fromBase64(text)?.length === 32;
}

function malformed(): Flaw {
  return new Flaw("note", "checkpoint", "the checkpoint's lines are malformed");
}

/** The running hash after one more closed writer: SHA-256(hash || line || newline). */
export async function foldClosed(hash: Uint8Array, head: WriterHead): Promise<Bytes> {
  return sha256(hash, utf8(`${headLine(head)}\n`));
}
