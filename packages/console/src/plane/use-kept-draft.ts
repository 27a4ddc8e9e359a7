import type { Files } from "@countersign/client";
import { useState } from "react";
import { within } from "../parts/kept.ts";
import { changedOf, type Edits } from "./draft-files.ts";
import { type KeptDraft, keepDraft, olderDraft, readDraft } from "./kept-draft.ts";

/** A draft that this tab keeps over being loaded anew, and one over files that are in force no more, to be taken over. */
export function useKeptDraft(person: string, key: string, inForce: Files) {
  const [now, setNow] = useState<KeptDraft | undefined>(() => within((store) => readDraft(store, key)));
  const [isKept, setKept] = useState(true);
  const [older, setOlder] = useState(() =>
    within((store) => {
      const found = olderDraft(store, person, key);
      if (found === undefined || changedOf(inForce, found.draft.edits).length > 0) return found;
      // What it asked for is in force.
      store.removeItem(found.key);
      return undefined;
    }),
  );
  const set = (edits: Edits): void => {
    const at = new Date().toISOString();
    setNow({ edits, at });
    setKept(within((store) => keepDraft(store, key, edits, at)) === true);
  };
  const drop = (): void => {
    if (older !== undefined) within((store) => store.removeItem(older.key));
    setOlder(undefined);
  };
  return {
    edits: now?.edits ?? {},
    at: now?.at,
    isKept,
    set,
    older,
    /** What is written here already stays. */
    take(): void {
      set({ ...older?.draft.edits, ...now?.edits });
      drop();
    },
    drop,
  };
}
