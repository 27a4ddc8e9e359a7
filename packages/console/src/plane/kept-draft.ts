import type { Activation } from "@countersign/client";
import type { Edits } from "./draft-files.ts";

/** A draft as this browser's tab keeps it: whose, over which files, and since when it is as it is. */
export interface KeptDraft {
  readonly edits: Edits;
  readonly at: string;
}

/** What keeps it: `sessionStorage`, which ends with the tab and goes nowhere by itself. */
type Store = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

const prefix = "countersign.draft ";

/** One person's draft over one base: over other files in force the same words would say something else. */
export function draftKey(person: string, base: string): string {
  return `${prefix}${person} ${base}`;
}

export function readDraft(store: Store, key: string): KeptDraft | undefined {
  try {
    const found: unknown = JSON.parse(store.getItem(key) ?? "null");
    return isKept(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps it, or forgets it where nothing is changed. False where the browser keeps nothing, or has no room. */
export function keepDraft(store: Store, key: string, edits: Edits, at: string): boolean {
  try {
    if (Object.keys(edits).length === 0) store.removeItem(key);
    else store.setItem(key, JSON.stringify({ edits, at }));
    return true;
  } catch {
    return false;
  }
}

/** Whoever logs out leaves nothing that they wrote to whoever uses this tab next. */
export function forgetDrafts(store: Store, person: string): void {
  for (const key of keysOf(store)) if (key.startsWith(draftKey(person, ""))) store.removeItem(key);
}

export interface OlderDraft {
  readonly key: string;
  /** The digest of the files that it was written over. */
  readonly base: string;
  readonly draft: KeptDraft;
}

/** The newest draft of this person over files that are in force no more; a page that was left open knows only those. */
export function olderDraft(store: Store, person: string, key: string): OlderDraft | undefined {
  const mine = draftKey(person, "");
  const found = keysOf(store).flatMap((one) => {
    if (one === key || !one.startsWith(mine)) return [];
    const draft = readDraft(store, one);
    return draft === undefined ? [] : [{ key: one, base: one.slice(mine.length), draft }];
  });
  return found.sort((one, other) => other.draft.at.localeCompare(one.draft.at))[0];
}

/** Files that changed in force after the base was; undefined where the history, newest first, does not reach it. */
export function changedSince(history: readonly Activation[], base: string): readonly string[] | undefined {
  const at = history.findIndex(({ digest }) => digest === base);
  return at < 0 ? undefined : [...new Set(history.slice(0, at).flatMap(({ changed }) => changed))].sort();
}

function keysOf(store: Store): readonly string[] {
  return Array.from({ length: store.length }, (_, at) => store.key(at) ?? "");
}

function isKept(value: unknown): value is KeptDraft {
  if (typeof value !== "object" || value === null || !("edits" in value) || !("at" in value)) return false;
  const { edits, at } = value;
  const isMap = typeof edits === "object" && edits !== null && !Array.isArray(edits);
  return (
    isMap &&
    typeof at === "string" &&
    !Number.isNaN(Date.parse(at)) &&
    Object.values(edits).every((text) => text === null || typeof text === "string")
  );
}
