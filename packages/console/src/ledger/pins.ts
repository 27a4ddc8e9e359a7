import type { TrustFile } from "@countersign/client";

/** What this browser has seen of a log: its keys and its last checkpoint, as a note. */
export interface Pinned {
  readonly keys: readonly string[];
  readonly note?: string;
}

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const nameOf = (origin: string): string => `countersign.log.${origin}`;

export function readPinned(store: Store, origin: string): Pinned | undefined {
  try {
    const kept: unknown = JSON.parse(store.getItem(nameOf(origin)) ?? "null");
    if (typeof kept !== "object" || kept === null) return undefined;
    const { keys, note } = kept as Partial<Pinned>;
    if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string")) return undefined;
    return { keys, ...(typeof note === "string" ? { note } : {}) };
  } catch {
    return undefined;
  }
}

export function keepPinned(store: Store, origin: string, pinned: Pinned): void {
  store.setItem(nameOf(origin), JSON.stringify(pinned));
}

/** Takes away what was seen: the next look begins anew, and proves nothing about before. */
export function forgetPinned(store: Store, origin: string): void {
  store.removeItem(nameOf(origin));
}

/** Keys that this browser saw before and that the server does not name any more: that must never be. */
export function lostKeys(pinned: Pinned | undefined, keys: readonly { readonly vkey: string }[]): readonly string[] {
  return pinned?.keys.filter((key) => !keys.some(({ vkey }) => vkey === key)) ?? [];
}

/** Keys that the server names and this browser has not seen before. */
export function newKeys(pinned: Pinned | undefined, keys: TrustFile["keys"]): TrustFile["keys"] {
  return pinned === undefined ? [] : keys.filter(({ vkey }) => !pinned.keys.includes(vkey));
}

/** What is trusted here: the keys that were seen before and nothing newer; on the first look, what the server names. */
export function knownTrust(pinned: Pinned | undefined, { origin, keys, lastCheckpoint }: TrustFile): TrustFile {
  if (pinned === undefined) return { origin, keys, ...(lastCheckpoint === undefined ? {} : { lastCheckpoint }) };
  const known = keys.filter(({ vkey }) => pinned.keys.includes(vkey));
  return { origin, keys: known, ...(pinned.note === undefined ? {} : { lastCheckpoint: pinned.note }) };
}

/** The second line of a checkpoint is the size of its tree. */
export function sizeOf(note: string): number | undefined {
  const size = Number(note.split("\n")[1] ?? "none");
  return Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}
