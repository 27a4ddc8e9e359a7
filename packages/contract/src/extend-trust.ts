import { parseStatement } from "./bundle.ts";
import { parseEnvelope } from "./envelope.ts";
import { Flaw } from "./flaw.ts";
import { parseNote, parseVkey, signersOf } from "./note.ts";
import { readMembers, readText } from "./shape.ts";
import type { Trust } from "./trust.ts";
import { verifyBundle } from "./verify.ts";

/**
 * A trust that also knows a rotated key. `bundle` is the receipt of the rotation: it must verify under the old trust,
 * hold an entry of kind `rotated` that names the new key, and carry a checkpoint that both keys have signed.
 */
export async function extendTrust(trust: Trust, bundle: Uint8Array): Promise<Trust> {
  const verified = await verifyBundle(bundle, trust);
  const [problem] = verified.problems;
  if (problem !== undefined) throw new Flaw(problem.code, problem.at, problem.sentence);
  const { checkpoint } = verified;
  const { entries, checkpoint: note } = parseStatement(parseEnvelope(bundle).payload).predicate;
  const payload = entries.find((entry) => entry.leaf.kind === "rotated")?.payload;
  if (checkpoint === null || note === null || payload === undefined) {
    throw new Flaw("shape", "/predicate/entries", "the bundle is not the receipt of a rotation");
  }
  const rotated = readMembers(payload, "/predicate/entries/0/payload", ["next", "previous"]);
  const next = readText(rotated.next, "/predicate/entries/0/payload/next");
  const previous = readText(rotated.previous, "/predicate/entries/0/payload/previous");
  const signers = await signersOf(parseNote(note), [await parseVkey(next), await parseVkey(previous)]);
  if (signers.length !== 2)
    throw new Flaw("checkpoint_signature", "checkpoint", "both keys must have signed the checkpoint");
  const old = trust.keys.find((key) => key.vkey === previous && key.until === undefined);
  if (old === undefined || trust.keys.some((key) => key.vkey === next)) {
    throw new Flaw("unknown_key", "trust", "the key that was rotated is not the one that is trusted now");
  }
  const keys = trust.keys.map((key) => (key === old ? { ...key, until: checkpoint.size } : key));
  return { ...trust, keys: [...keys, { vkey: next, from: checkpoint.size }], lastCheckpoint: note };
}
