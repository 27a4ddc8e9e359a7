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

/** The newest draft of this person over files that are in force no more; a page that was left open knows only those. */
export function olderDraft(
  store: Store,
  person: string,
  key: string,
): { readonly key: string; readonly draft: KeptDraft } | undefined {
  const all = Array.from({ length: store.length }, (_, at) => store.key(at) ?? "");
  const found = all.flatMap((one) => {
    if (one === key || !one.startsWith(`${prefix}${person} `)) return [];
    const draft = readDraft(store, one);
    return draft === undefined ? [] : [{ key: one, draft }];
  });
  return found.sort((one, other) => other.draft.at.localeCompare(one.draft.at))[0];
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
