import {
  type Checkpoint,
  Flaw,
  openCheckpoint,
  pinnedKeys,
  type Trust,
  verifyConsistency,
} from "@countersign/contract";
import type { Consistency } from "./body.ts";
import type { Followed, PinStore } from "./pin.ts";
import type { Wire } from "./wire.ts";

/**
 * Reads the latest checkpoint, proves that the log only grew since the pinned one, and pins it. Throws `Flaw` with the
 * code `fork` where it did not: then what the server shows others is not what it showed here.
 */
export async function follow(wire: Wire, trust: Trust, pins: PinStore): Promise<Followed> {
  const keys = await pinnedKeys(trust);
  const note = await wire.text({ method: "GET", path: "/v1/ledger/checkpoint", headers: { accept: "text/plain" } });
  const checkpoint = await openCheckpoint(note, trust, keys);
  const before = (await pins.read(trust.origin)) ?? trust.lastCheckpoint;
  const since =
    before === undefined ? "first" : await compare(wire, await openCheckpoint(before, trust, keys), checkpoint);
  await pins.write(trust.origin, note);
  return { checkpoint, note, since };
}

async function compare(wire: Wire, old: Checkpoint, now: Checkpoint): Promise<"same" | "consistent"> {
  if (now.size < old.size) {
    throw new Flaw("fork", "checkpoint", `the log had ${old.size} entries and now says that it has ${now.size}`);
  }
  if (now.size === old.size) {
    if (now.root === old.root) return "same";
    throw new Flaw("fork", "checkpoint", "the log has shown two different trees of the same size");
  }
  const { proof } = await wire.json<Consistency>({
    method: "GET",
    path: "/v1/ledger/consistency",
    query: { from: old.size, to: now.size },
  });
  const claim = { from: old.size, fromRoot: bytes(old.root), to: now.size, toRoot: bytes(now.root) };
  if (await verifyConsistency(claim, proof.map(bytes))) return "consistent";
  throw new Flaw("fork", "checkpoint", "the log's tree does not begin with the tree that was pinned");
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new Flaw("base64", "proof", "a hash of the proof is not base64");
  }
}
