import type { Json } from "@countersign/contract";
import type { Session } from "../db/db.ts";
import type { Decided } from "./read-since.ts";
import { eachDeciding, type Page, type SinceFilter } from "./replay-sql.ts";
import { type KeyWrap, SubjectKey } from "./seal.ts";

/** An action of a page with what its deciding entries hold, opened. */
export type Opened = Omit<Decided, "atMs">;

/**
 * Opens the deciding entries of a page's actions, newest first, and gives each action as soon as it is whole: only one
 * is held at a time. Once `each` answers false nothing more is opened. Only reads.
 */
export async function readPage(
  session: Session,
  filter: Omit<SinceFilter, "before">,
  page: Page,
  wrap: Pick<KeyWrap, "open">,
  each: (action: Opened) => boolean,
): Promise<void> {
  let at: Begun | undefined;
  let wantsMore = true;
  const give = (): void => {
    if (at !== undefined && wantsMore) wantsMore = each({ ...at, erased: at.key === null });
  };
  await eachDeciding(session, filter, page, ([named, wrapped, numbered, sealed]) => {
    if (named == null || !wantsMore) return;
    const subject = named.toString("latin1");
    if (at?.subject !== subject) {
      give();
      at = { subject, key: wrapped == null ? null : SubjectKey.unwrap(subject, wrapped, wrap), entries: [] };
    }
    const { key, entries } = at;
    if (numbered == null || sealed == null || !wantsMore) return;
    const step = numbered.readInt32BE(0);
    entries.push({ step, payload: key?.open(step, sealed) ?? null });
  });
  give();
}

interface Begun {
  readonly subject: string;
  readonly key: SubjectKey | null;
  readonly entries: { readonly step: number; readonly payload: Json | null }[];
}
