import { type Bytes, equal, fromBase64, toBase64, utf8 } from "./bytes.ts";
import { type Checkpoint, foldClosed, headLine, type WriterHead } from "./checkpoint.ts";
import type { Leaf } from "./entry.ts";
import { Flaw, type FlawCode, type FoundFlaw } from "./flaw.ts";
import { flawOfStep, readLeaf } from "./leaf.ts";
import { GrowingTree, leafHash } from "./merkle.ts";
import { readBase64, readCount, readDocument, readList, readMembers, readText } from "./shape.ts";
import { openCheckpoint, pinnedKeys, type Trust } from "./trust.ts";

export const logType = "https://countersign.dev/log/v1";

export interface VerifiedLog {
  readonly ok: boolean;
  /** Entries under the last checkpoint, and entries after it that are chained but not yet in the tree. */
  readonly size: number;
  readonly unsequenced: number;
  readonly checkpoint: Checkpoint | null;
  readonly problems: readonly FoundFlaw[];
  /** What timestamp authorities said of checkpoints that this log has: to be checked against their certificates. */
  readonly timestamps: readonly CarriedTimestamp[];
}

/** `note` is verified to be a checkpoint of this log; that `answer` speaks of it is not. */
export interface CarriedTimestamp {
  readonly authority: string;
  readonly size: number;
  readonly note: string;
  /** An RFC 3161 TimeStampResp over SHA-256 of the note, base64. */
  readonly answer: string;
}

/**
 * Verifies a whole log: line 1 is a canonical header `{checkpoints, closed, timestamps?, type, v}`; each line after it is
 * `<base64 leaf hash> <canonical leaf>` in tree order, then in chain order what the sequencer has not taken yet.
 * The hashes are those of the log's tiles: once they add up to a signed root, a leaf that does not fit is named exactly.
 */
export async function verifyLog(lines: AsyncIterable<string> | Iterable<string>, trust: Trust): Promise<VerifiedLog> {
  const keys = await pinnedKeys(trust);
  const pinned = trust.lastCheckpoint === undefined ? null : await openCheckpoint(trust.lastCheckpoint, trust, keys);
  const walk = new Walk();
  let header: { checkpoints: Checkpoint[]; closed: string[]; timestamps: CarriedTimestamp[] } | undefined;
  try {
    for await (const line of lines) {
      if (header !== undefined) {
        await walk.line(line);
        continue;
      }
      const read = readHeader(line);
      const checkpoints: Checkpoint[] = [];
      for (const note of read.notes) checkpoints.push(await openCheckpoint(note, trust, keys));
      const stamped: Checkpoint[] = [];
      for (const { note } of read.timestamps) stamped.push(await openCheckpoint(note, trust, keys));
      const timestamps = read.timestamps.map((one, at) => ({ ...one, size: stamped[at]?.size ?? 0 }));
      header = { checkpoints, closed: read.closed, timestamps };
      await walk.expect([...checkpoints, ...stamped, ...(pinned === null ? [] : [pinned])], checkpoints.at(-1));
    }
    if (header === undefined) throw new Flaw("shape", "line 1", "the export is empty");
  } catch (flaw) {
    if (!(flaw instanceof Flaw)) throw flaw;
    return { ok: false, size: 0, unsequenced: 0, checkpoint: null, problems: [flaw.found()], timestamps: [] };
  }
  const last = header.checkpoints.at(-1) ?? null;
  if (last === null) walk.add("pending", "line 1", "the log has no checkpoint yet");
  await walk.finish(last, header.closed);
  const size = last?.size ?? 0;
  return {
    ok: walk.problems.length === 0,
    size,
    unsequenced: Math.max(0, walk.count - size),
    checkpoint: last,
    problems: walk.problems,
    timestamps: header.timestamps,
  };
}

interface Header {
  readonly notes: string[];
  readonly closed: string[];
  readonly timestamps: readonly Omit<CarriedTimestamp, "size">[];
}

function readHeader(line: string): Header {
  const at = "line 1";
  const header = readMembers(readDocument(utf8(line), at), at, ["checkpoints", "closed", "type", "v"], ["timestamps"]);
  if (header.type !== logType || readCount(header.v, at) !== 1)
    throw new Flaw("shape", at, "this is not a log export of version 1");
  return {
    notes: readList(header.checkpoints, at).map((note) => readText(note, at)),
    closed: readList(header.closed, at).map((head) => readText(head, at)),
    timestamps: readList(header.timestamps ?? [], at).map((item) => {
      const { answer, authority, note } = readMembers(item, at, ["answer", "authority", "note"]);
      readBase64(answer, at);
      return { answer: readText(answer, at), authority: readText(authority, at), note: readText(note, at) };
    }),
  };
}

interface Chain {
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
}

interface Misfit {
  readonly line: number;
  named?: string;
}

type Step = Pick<Leaf, "subject" | "step" | "from" | "to"> & { readonly line: number };

class Walk {
  readonly problems: FoundFlaw[] = [];
  count = 0;
  readonly #stored = new GrowingTree();
  /** The tree of what the leaves really hash to; apart from `stored` from the first leaf that does not fit. */
  #actual: GrowingTree | undefined;
  #expected: Checkpoint[] = [];
  readonly #chains = new Map<string, Chain>();
  #headsAtLast = new Map<string, Chain>();
  /** Size of the export's own last checkpoint, whose heads are compared; what was pinned or timestamped may be larger. */
  #lastSize = -1;
  /** Leaves that do not fit their hash, by either hash: what they say, their writer too, cannot be believed. */
  readonly #misfits = new Map<string, Misfit>();
  areHashesEdited = false;
  readonly #steps = new Map<string, Step[]>();

  add(code: FlawCode, at: string, sentence: string): void {
    this.problems.push({ code, at, sentence });
  }

  async expect(checkpoints: readonly Checkpoint[], last: Checkpoint | undefined): Promise<void> {
    this.#lastSize = last?.size ?? -1;
    this.#expected = checkpoints.toSorted((a, b) => a.size - b.size);
    for (const [i, checkpoint] of this.#expected.entries()) {
      const before = this.#expected[i - 1];
      if (before?.size === checkpoint.size && before.root !== checkpoint.root) {
        this.add("fork", "line 1", `the log has signed two different trees of ${checkpoint.size} entries`);
      }
    }
    await this.#meet();
  }

  async line(line: string): Promise<void> {
    const number = this.count + 2;
    const space = line.indexOf(" ");
    const stored = fromBase64(line.slice(0, Math.max(space, 0)));
    const bytes = utf8(line.slice(space + 1));
    const actual = await leafHash(bytes);
    if (stored === undefined || stored.length !== 32 || !equal(stored, actual))
      await this.#misfit(number, stored, actual);
    else await this.#fit(number, bytes, actual);
    this.count++;
    await this.#meet();
  }

  async #misfit(line: number, stored: Bytes | undefined, actual: Bytes): Promise<void> {
    const hash = stored?.length === 32 ? stored : actual;
    const misfit: Misfit = { line };
    this.#misfits.set(toBase64(hash), misfit).set(toBase64(actual), misfit);
    this.#actual ??= this.#stored.copy();
    await this.#actual.append(actual);
    await this.#stored.append(hash);
  }

  async #fit(line: number, bytes: Bytes, hash: Bytes): Promise<void> {
    await this.#stored.append(hash);
    await this.#actual?.append(hash);
    const at = `line ${line}`;
    let leaf: Leaf;
    try {
      leaf = readLeaf(readDocument(bytes, at), at);
    } catch (flaw) {
      if (!(flaw instanceof Flaw)) throw flaw;
      this.problems.push(flaw.found());
      return;
    }
    this.#follow(leaf, at);
    this.#chains.set(leaf.writer, { seq: leaf.seq, hash: toBase64(hash), at: leaf.at });
    const steps = this.#steps.get(leaf.subject) ?? [];
    steps.push({ subject: leaf.subject, step: leaf.step, from: leaf.from, to: leaf.to, line });
    this.#steps.set(leaf.subject, steps);
  }

  #follow(leaf: Leaf, at: string): void {
    const before = this.#chains.get(leaf.writer);
    const expected = before === undefined ? 0 : before.seq + 1;
    const name = `entry ${leaf.seq} of writer \`${leaf.writer}\``;
    const misfit = this.#misfits.get(leaf.prev);
    if (misfit !== undefined && leaf.seq >= expected) {
      misfit.named = `entry ${leaf.seq - 1} of writer \`${leaf.writer}\``;
      return;
    }
    const prev = before?.hash ?? toBase64(new Uint8Array(32));
    if (leaf.seq > expected) {
      const range = leaf.seq === expected + 1 ? `entry ${expected}` : `entries ${expected} to ${leaf.seq - 1}`;
      this.add("chain", at, `${range} of writer \`${leaf.writer}\` should stand before ${name}: deleted or moved`);
    } else if (leaf.seq < expected)
      this.add("chain", at, `${name} stands after entry ${before?.seq}: moved or inserted`);
    else if (leaf.prev !== prev) this.add("chain", at, `${name} does not link to the entry before it`);
    else if (before !== undefined && before.at >= leaf.at)
      this.add("time", at, `${name} is not later than the entry before it`);
  }

  /** Compares the tree with every checkpoint of its present size. */
  async #meet(): Promise<void> {
    for (let next = this.#expected[0]; next?.size === this.count; next = this.#expected[0]) {
      this.#expected.shift();
      if (next.size === this.#lastSize) this.#headsAtLast = new Map(this.#chains);
      const isStored = toBase64(await this.#stored.root()) === next.root;
      const isActual = this.#actual === undefined ? isStored : toBase64(await this.#actual.root()) === next.root;
      this.areHashesEdited = isActual && !isStored;
      if (!isStored && !isActual) {
        this.add("root", `size ${next.size}`, `the first ${next.size} entries are not those that were signed`);
      }
    }
  }

  async finish(last: Checkpoint | null, closed: readonly string[]): Promise<void> {
    for (const { size } of this.#expected) {
      this.add(
        "size",
        `size ${size}`,
        `${size} entries were signed and ${this.count} are here: the log was truncated or rolled back`,
      );
    }
    if (last !== null) await this.#heads(last, closed);
    for (const { line, named } of this.#misfits.values()) {
      this.add(
        "edited",
        `line ${line}`,
        `${named ?? "the record"} was edited: it does not fit the hash that is in the tree`,
      );
    }
    // Moves are judged once every record can be believed: one edit would show up as many.
    if (this.problems.length === 0) this.#moves();
  }

  async #heads(last: Checkpoint, closed: readonly string[]): Promise<void> {
    let folded: Uint8Array = new Uint8Array(32);
    for (const line of closed) folded = await foldClosed(folded, headOf(line));
    if (closed.length !== last.closed.count || toBase64(folded) !== last.closed.hash) {
      this.add("head", "line 1", "the list of closed writers is not the one that was signed");
    }
    const signed = new Map([...closed, ...last.heads.map(headLine)].map((line) => [headOf(line).writer, headOf(line)]));
    for (const [writer, head] of signed) {
      const misfit = this.#misfits.get(head.hash);
      if (misfit !== undefined) misfit.named ??= `entry ${head.seq} of writer \`${writer}\``;
      else if (this.#headsAtLast.get(writer)?.hash !== head.hash) {
        this.add(
          "head",
          `writer ${writer}`,
          `the chain of writer \`${writer}\` does not end with the entry ${head.seq} that was signed`,
        );
      }
    }
    for (const writer of this.#headsAtLast.keys()) {
      if (!signed.has(writer)) this.add("head", `writer ${writer}`, `no signed head covers writer \`${writer}\``);
    }
  }

  #moves(): void {
    for (const steps of this.#steps.values()) {
      let before: Step | undefined;
      for (const step of steps.sort((a, b) => a.step - b.step)) {
        const flaw = flawOfStep(before, step, `line ${step.line}`);
        if (flaw !== undefined) this.problems.push(flaw);
        before = step;
      }
    }
  }
}

function headOf(line: string): WriterHead {
  const [, writer = "", seq = "", hash = ""] = line.split(" ");
  return { writer, seq: Number(seq), hash };
}
