import { createHmac, timingSafeEqual } from "node:crypto";
import type { Tx } from "../db/db.ts";
import { type Clock, iso } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import type { Secret } from "../floor/secret.ts";
import { type IdentityEntry, type Origin, ofTheServer } from "./credential.ts";
import { mintKeyText, parseKeyText } from "./key-text.ts";
import { endSessions, insertSession, type SessionRow, selectSession, selectSessions, touchSession } from "./sql.ts";

const longestMs = 12 * 3_600_000;
const idleMs = 3_600_000;
const touchEveryMs = 60_000;

export interface OpenedSession {
  readonly id: string;
  readonly person: string;
  readonly cookie: Secret;
  readonly expiresAtMs: number;
  readonly entry: IdentityEntry;
}

/** A console session: 12 hours at most, one hour without use, and never past what it came from. */
export async function openSession(
  tx: Tx,
  clock: Clock,
  wanted: {
    readonly person: string;
    readonly method: SessionRow["method"];
    readonly origin?: Origin;
    /** The identity provider that vouched for it. */
    readonly provider?: { readonly issuer: string; readonly logoutUrl: string | undefined };
  },
): Promise<OpenedSession> {
  const nowMs = clock.now();
  const id = newId("ses", nowMs);
  const { secret, hash } = mintKeyText("css", id);
  const { person, method, origin = ofTheServer, provider } = wanted;
  const { vouchedBy, parent, notAfterMs = Number.POSITIVE_INFINITY } = origin;
  const expiresAtMs = Math.min(nowMs + longestMs, notAfterMs);
  const times = { createdAtMs: nowMs, seenAtMs: nowMs, expiresAtMs };
  const { issuer, logoutUrl } = provider ?? {};
  await insertSession(tx, { id, hash, person, method, vouchedBy, parent, provider: issuer, logoutUrl, ...times });
  const payload = { deed: "logged in", session: id, person, method, vouchedBy, expiresAt: iso(expiresAtMs) };
  return { id, person, cookie: secret, expiresAtMs, entry: { kind: "login", payload } };
}

/** The live session that a cookie's value opens, and a note that it was used; undefined for every other value. */
export async function readSession(tx: Tx, clock: Clock, cookie: string): Promise<SessionRow | undefined> {
  const parsed = parseKeyText("css", cookie);
  if (parsed === undefined) return undefined;
  const session = await selectSession(tx, parsed.id);
  if (session === undefined || !timingSafeEqual(session.hash, parsed.hash)) return undefined;
  const nowMs = clock.now();
  if (!isOpen(session, nowMs)) return undefined;
  if (nowMs - session.seenAtMs >= touchEveryMs) await touchSession(tx, session.id, nowMs);
  return session;
}

/** When a live session began, and where it is ended at its identity provider; undefined where it is over. */
export async function sessionOf(
  tx: Tx,
  id: string,
): Promise<
  Pick<SessionRow, "person" | "createdAtMs" | "expiresAtMs" | "logoutUrl" | "parent" | "provider"> | undefined
> {
  return selectSession(tx, id);
}

/** Whether this session is still open, without counting as its use. */
export async function isSessionOpen(tx: Tx, clock: Clock, id: string): Promise<boolean> {
  return (await openSessions(tx, clock, [id])).has(id);
}

/** Which of these are still open, by their ids: one statement, and no use of any. */
export async function openSessions(
  tx: Tx,
  clock: Clock,
  ids: readonly string[],
): Promise<ReadonlyMap<string, SessionRow>> {
  if (ids.length === 0) return new Map();
  const rows = await selectSessions(tx, ids);
  const nowMs = clock.now();
  return new Map(rows.filter((row) => isOpen(row, nowMs)).map((row) => [row.id, row]));
}

function isOpen({ expiresAtMs, seenAtMs }: SessionRow, nowMs: number): boolean {
  return nowMs < expiresAtMs && nowMs - seenAtMs < idleMs;
}

/** Logs out one session, or a person everywhere. In force at once: sessions are read from the database at every use. */
export async function endSession(
  tx: Tx,
  clock: Clock,
  wanted: { readonly which: { readonly id: string } | { readonly person: string }; readonly by: string },
): Promise<{ readonly ended: readonly string[]; readonly entry: IdentityEntry }> {
  const rows = await endSessions(tx, wanted.which, clock.now());
  const ended = rows.map((row) => row.id);
  return { ended, entry: { kind: "login", payload: { deed: "logged out", by: wanted.by, sessions: ended } } };
}

/** What a page sends back with each change: only who can read the cookie, or a page made for it, knows it. */
export function csrfOf(cookie: string): string {
  return createHmac("sha256", cookie).update("countersign csrf v1").digest("base64url");
}

export function isCsrf(cookie: string, given: string | undefined): boolean {
  const wanted = Buffer.from(csrfOf(cookie));
  const got = Buffer.from((given ?? "").slice(0, 100));
  return wanted.length === got.length && timingSafeEqual(wanted, got);
}

/** `__Host-` keeps other hosts and plain HTTP from setting the cookie; loopback without TLS cannot have it. */
export function cookieName(publicUrl: string): string {
  return publicUrl.startsWith("https:") ? "__Host-countersign" : "countersign";
}

/** Value of `Set-Cookie`; without a session it takes the cookie away. */
export function setCookie(publicUrl: string, session?: { readonly cookie: Secret }): string {
  const secure = publicUrl.startsWith("https:") ? "; Secure" : "";
  const value = session?.cookie.reveal() ?? "";
  const age = session === undefined ? 0 : longestMs / 1000;
  return `${cookieName(publicUrl)}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
}

/** The session cookie's value in a `Cookie` header; undefined where it is missing, or there twice. */
export function cookieIn(publicUrl: string, header: string): string | undefined {
  const name = `${cookieName(publicUrl)}=`;
  const found = header
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(name));
  return found.length === 1 ? found[0]?.slice(name.length) : undefined;
}
