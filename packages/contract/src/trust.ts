import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { Flaw } from "./flaw.ts";
import type { Json } from "./json.ts";
import { parseNote, parseVkey, signersOf, type VerifierKey } from "./note.ts";
import { parseJson } from "./parse.ts";
import { readCount, readList, readMembers, readText } from "./shape.ts";

/** What a verifier has pinned beforehand: nothing that came with a receipt is ever added to it. */
export interface Trust {
  readonly origin: string;
  readonly keys: readonly TrustedKey[];
  /** A signed checkpoint that was seen before, as a note. */
  readonly lastCheckpoint?: string;
}

/** Both bounds are tree sizes, inclusive: a key that was retired cannot sign for what came later. */
export interface TrustedKey {
  readonly vkey: string;
  readonly from: number;
  readonly until?: number;
}

export interface PinnedKey extends VerifierKey {
  readonly from: number;
  readonly until: number;
}

export function parseTrust(text: string): Trust {
  let value: Json;
  try {
    value = parseJson(text, { maxBytes: 1024 * 1024 });
  } catch (fault) {
    throw new Flaw("json", "trust", fault instanceof Error ? fault.message : "the trust file is not JSON");
  }
  const trust = readMembers(value, "trust", ["origin", "keys"], ["lastCheckpoint"]);
  const keys = readList(trust.keys, "trust/keys").map((item, at) => {
    const key = readMembers(item, `trust/keys/${at}`, ["vkey", "from"], ["until"]);
    return {
      vkey: readText(key.vkey, `trust/keys/${at}/vkey`),
      from: readCount(key.from, `trust/keys/${at}/from`),
      ...(key.until === undefined ? {} : { until: readCount(key.until, `trust/keys/${at}/until`) }),
    };
  });
  const origin = readText(trust.origin, "trust/origin");
  const last = trust.lastCheckpoint;
  return { origin, keys, ...(last === undefined ? {} : { lastCheckpoint: readText(last, "trust/lastCheckpoint") }) };
}

/** The keys of a trust; it must have at least one, and each must bear the log's name. */
export async function pinnedKeys(trust: Trust): Promise<readonly PinnedKey[]> {
  const keys = await Promise.all(
    trust.keys.map(async (key) => ({
      ...(await parseVkey(key.vkey)),
      from: key.from,
      until: key.until ?? Number.MAX_SAFE_INTEGER,
    })),
  );
  if (keys.length === 0 || keys.some((key) => key.name !== trust.origin)) {
    throw new Flaw("shape", "trust", "the trust file must name at least one key, and each must bear the log's name");
  }
  return keys;
}

export function maySign(key: PinnedKey, size: number): boolean {
  return key.from <= size && size <= key.until;
}

/** A checkpoint that a pinned key signed while it was that key's turn. */
export async function openCheckpoint(note: string, trust: Trust, keys: readonly PinnedKey[]): Promise<Checkpoint> {
  const parsed = parseNote(note);
  const signers = await signersOf(parsed, keys);
  if (signers.length === 0) throw new Flaw("unknown_key", "checkpoint", "no pinned key has signed the checkpoint");
  const checkpoint = parseCheckpoint(parsed.text);
  if (checkpoint.origin !== trust.origin) {
    throw new Flaw("origin", "checkpoint", `the checkpoint is of another log: \`${checkpoint.origin}\``);
  }
  if (!keys.some((key) => signers.includes(key) && maySign(key, checkpoint.size))) {
    throw new Flaw("key_window", "checkpoint", `the key that signed may not sign for a tree of ${checkpoint.size}`);
  }
  return checkpoint;
}
