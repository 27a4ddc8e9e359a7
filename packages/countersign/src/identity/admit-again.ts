import { Problem } from "../floor/problem.ts";
import { type AuthenticateContext, asCaller, asPerson, type Headers, withWorkload } from "./authenticate.ts";
import type { Caller, PersonCaller } from "./caller.ts";
import { isRooted, liveCredential, requireFresh } from "./credentials.ts";
import { issuerOf } from "./metadata.ts";
import { openSessions } from "./session.ts";
import type { SessionRow } from "./sql.ts";

/** Somebody who was let in once, and is still answered. */
export interface Admitted {
  readonly who: Caller | PersonCaller;
  /** The short token that they came with, where they came with one. */
  readonly token: string | undefined;
  /**
   * One question is being answered that was asked while the token lived: that it has run out since ends nothing. Its key
   * must be live all the same.
   */
  readonly isBegun?: boolean;
}

/** Who they are now, and when what they came with runs out at the latest. */
export interface Readmitted {
  readonly who: Caller | PersonCaller;
  readonly untilMs: number;
}

type Context = Pick<
  AuthenticateContext,
  "db" | "clock" | "publicUrl" | "directory" | "credentials" | "tokenKeys" | "tokens"
>;

/**
 * Whether these would be let in now, in the same order; undefined for who would not. It counts as no use. One statement for
 * the sessions of all, none where nobody came with one. Fails with `unavailable` where revocations may have been missed.
 */
export async function admitAgain(all: readonly Admitted[], ctx: Context): Promise<readonly (Readmitted | undefined)[]> {
  requireFresh(ctx.credentials, ctx.clock.tick());
  const inBrowsers = all.flatMap(({ who }) => (who.kind === "person" && who.method !== "cli" ? [who.credential] : []));
  const sessions = await openSessions(ctx.db, ctx.clock, inBrowsers);
  return Promise.all(all.map((one) => admitOne(one, sessions, ctx)));
}

async function admitOne(
  { who, token, isBegun }: Admitted,
  sessions: ReadonlyMap<string, SessionRow>,
  ctx: Context,
): Promise<Readmitted | undefined> {
  try {
    if (who.kind === "agent") return await agentOf(who.credential, token, isBegun === true, ctx);
    return who.method === "cli" ? commandLineOf(who.credential, ctx) : browserOf(sessions.get(who.credential), ctx);
  } catch (thrown) {
    // Frozen, or no longer in the workspace.
    if (thrown instanceof Problem && thrown.code === "forbidden") return undefined;
    throw thrown;
  }
}

async function agentOf(
  credential: string,
  token: string | undefined,
  isBegun: boolean,
  ctx: Context,
): Promise<Readmitted | undefined> {
  const nowMs = ctx.clock.now();
  const key = liveCredential(ctx.credentials, credential, nowMs);
  if (key === undefined || key.kind === "person_token") return undefined;
  const who = asCaller(ctx.directory, key);
  if (key.kind === "agent_key" || isBegun) return { who, untilMs: key.expiresAtMs };
  // A registered key, or a workload identity, opens nothing by itself: its token does, for as long as that lives.
  const claims =
    token === undefined ? undefined : await ctx.tokens.read(ctx.tokenKeys, issuerOf(ctx.publicUrl), token, nowMs);
  return claims?.credential === credential
    ? { who: withWorkload(who, claims), untilMs: claims.expiresAtMs }
    : undefined;
}

function commandLineOf(credential: string, { directory, credentials, clock }: Context): Readmitted | undefined {
  const nowMs = clock.now();
  const found = liveCredential(credentials, credential, nowMs);
  if (found?.kind !== "person_token" || !isRooted(credentials, found.parent, nowMs)) return undefined;
  return { who: asPerson(directory, found.person, found, "cli"), untilMs: found.expiresAtMs };
}

function browserOf(
  session: SessionRow | undefined,
  { directory, credentials, clock }: Context,
): Readmitted | undefined {
  if (session === undefined || !isRooted(credentials, session.parent, clock.now())) return undefined;
  return { who: asPerson(directory, session.person, session, session.method), untilMs: session.expiresAtMs };
}

/** The short token that a request came with; undefined for a key, a command line's credential and a cookie. */
export function tokenIn({ authorization }: Headers): string | undefined {
  if (typeof authorization !== "string") return undefined;
  const [, text] = /^(?:bearer|dpop) +([!-~]+)$/i.exec(authorization) ?? [];
  return text?.split(".").length === 3 ? text : undefined;
}
