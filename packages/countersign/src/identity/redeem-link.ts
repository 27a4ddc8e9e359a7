import { timingSafeEqual } from "node:crypto";
import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import type { Origin } from "./credential.ts";
import type { Directory, Person } from "./directory.ts";
import { parseKeyText } from "./key-text.ts";
import { type LinkRow, markLinkUsed, selectLink } from "./sql.ts";

/**
 * Uses up a login link: for the form's POST only, never for a GET, since mail scanners and previews follow links. What it
 * opens, a session or a CLI's token, the caller makes in the same transaction. Fails with `not_authenticated`, once and
 * for all the same, for a link that is unknown, used, expired, or of a person who has left.
 */
export async function redeemLink(
  tx: Tx,
  clock: Clock,
  directory: Directory,
  text: string,
): Promise<{ readonly person: Person; readonly origin: Origin }> {
  const link = await find(tx, clock, text);
  const person = link === undefined ? undefined : directory.people.get(link.person);
  // Of two that come together the database lets one mark it, and tells the other.
  if (link === undefined || person === undefined || !(await markLinkUsed(tx, link.id, clock.now()))) {
    throw new Problem("not_authenticated", "this login link is not valid any more", {
      help: "ask for a new one: a link works once, for ten minutes",
    });
  }
  const { vouchedBy, parent, notAfterMs } = link;
  return { person, origin: { vouchedBy, parent, notAfterMs } };
}

/** Whose login the form offers. Nothing is used up: this is all that a GET may do. */
export async function lookAtLink(
  tx: Tx,
  clock: Clock,
  directory: Directory,
  text: string,
): Promise<Person | undefined> {
  const link = await find(tx, clock, text);
  return link === undefined ? undefined : directory.people.get(link.person);
}

async function find(tx: Tx, clock: Clock, text: string): Promise<LinkRow | undefined> {
  const parsed = parseKeyText("csl", text);
  if (parsed === undefined) return undefined;
  const link = await selectLink(tx, parsed.id, clock.now());
  return link !== undefined && timingSafeEqual(link.hash, parsed.hash) ? link : undefined;
}
