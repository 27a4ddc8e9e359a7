import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import type { FailedAttempts } from "./attempts.ts";
import type { Caller, PersonCaller } from "./caller.ts";
import type { AgentPublicKey, AgentWorkload, Credential } from "./credential.ts";
import { type CredentialSet, isRooted, liveCredential, matchKey, requireFresh } from "./credentials.ts";
import { type Directory, frozenBecause, isSinglePerson } from "./directory.ts";
import { readProof, type SeenProofs } from "./dpop.ts";
import { parseKeyText } from "./key-text.ts";
import { issuerOf } from "./metadata.ts";
import { cookieIn, isCsrf, readSession } from "./session.ts";
import type { UseLog } from "./sighting.ts";
import type { TokenCache, TokenClaims } from "./token.ts";
import type { TokenKeys } from "./token-key.ts";

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface AuthenticateContext {
  /** Read only for console sessions: agents and CLIs are known from memory. */
  readonly db: Tx;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly directory: Directory;
  readonly credentials: CredentialSet;
  readonly tokenKeys: TokenKeys;
  readonly tokens: TokenCache;
  readonly seenProofs: SeenProofs;
  readonly attempts: FailedAttempts;
  readonly uses: UseLog;
  readonly request: {
    readonly method: string;
    /** The public address of this request, for proofs of possession. */
    readonly url: string;
    /** Address that it came from. */
    readonly source: string;
    /** What the client calls itself: an MCP client's name, else its User-Agent. A claim. */
    readonly client: string;
    /** From a form's field, where there is no `x-countersign-csrf` header. */
    readonly csrf?: string;
  };
  /** The resources that a token may be for to be used here: the address itself, and the one that includes it. */
  readonly audiences: readonly string[];
}

/** Longest header that is looked at, in characters. */
const longest = 8192;

/**
 * Who is calling. Fails with `not_authenticated`, and the same words whatever was wrong; with `too_many` for a source that
 * keeps failing; with `forbidden` and the reason for one who has proven who they are but is frozen or has left; with
 * `unavailable` where revocations may have been missed. A bad `Authorization` never falls back to the cookie.
 */
export async function authenticate(headers: Headers, ctx: AuthenticateContext): Promise<Caller | PersonCaller> {
  requireFresh(ctx.credentials, ctx.clock.tick());
  const authorization = headers.authorization;
  const found =
    authorization === undefined ? await byCookie(headers, ctx) : await byHeader(authorization, headers.dpop, ctx);
  if (found === undefined) throw failed(ctx, authorization === undefined && headers.cookie === undefined);
  const { source, client } = ctx.request;
  ctx.uses.observe({ credential: found.credential, client, address: source, atMs: ctx.clock.now() });
  return found;
}

async function byHeader(
  authorization: string | readonly string[],
  proof: string | readonly string[] | undefined,
  ctx: AuthenticateContext,
): Promise<Caller | PersonCaller | undefined> {
  if (typeof authorization !== "string" || authorization.length > longest) return undefined;
  const [, scheme = "", text = ""] = /^(bearer|dpop) +([!-~]+)$/i.exec(authorization) ?? [];
  const bound = scheme.toLowerCase() === "dpop";
  const nowMs = ctx.clock.now();
  const agentKey = bound ? undefined : parseKeyText("csk", text);
  if (agentKey !== undefined) {
    const key = matchKey(ctx.credentials, "agent_key", agentKey, nowMs);
    return key?.kind === "agent_key" ? asCaller(ctx.directory, key) : undefined;
  }
  const personToken = bound ? undefined : parseKeyText("csp", text);
  if (personToken !== undefined) {
    const token = matchKey(ctx.credentials, "person_token", personToken, nowMs);
    if (token?.kind !== "person_token" || !isRooted(ctx.credentials, token.parent, nowMs)) return undefined;
    return asPerson(ctx.directory, token.person, token, "cli");
  }
  return text.split(".").length === 3 ? byToken(text, bound, proof, ctx) : undefined;
}

async function byToken(
  text: string,
  bound: boolean,
  proof: string | readonly string[] | undefined,
  ctx: AuthenticateContext,
): Promise<Caller | undefined> {
  const nowMs = ctx.clock.now();
  // A source that keeps failing gets no signatures checked for it; a token that is known already costs nothing.
  if (ctx.attempts.isBlocked(ctx.request.source, ctx.clock.tick()) && !ctx.tokens.knows(text)) return undefined;
  const claims = await ctx.tokens.read(ctx.tokenKeys, issuerOf(ctx.publicUrl), text, nowMs);
  if (claims === undefined || !ctx.audiences.includes(claims.audience)) return undefined;
  // INVARIANT: asked at every use, cached or not: a token dies with the credential it came from.
  const key = liveCredential(ctx.credentials, claims.credential, nowMs);
  if (key === undefined || !isOf(claims, key)) return undefined;
  if (!(await isPossessed(claims, text, bound, proof, ctx))) return undefined;
  return withWorkload(asCaller(ctx.directory, key), claims);
}

function isOf(claims: TokenClaims, key: Credential): key is AgentPublicKey | AgentWorkload {
  if (key.kind !== "agent_jwk" && key.kind !== "agent_workload") return false;
  if (key.agent !== claims.agent || key.environment !== claims.environment) return false;
  return claims.workload?.issuer === (key.kind === "agent_workload" ? key.issuer : undefined);
}

/** With whom the issuer named, for the record. */
export function withWorkload(caller: Caller, { workload }: TokenClaims): Caller {
  return workload === undefined ? caller : { ...caller, workload };
}

/** Both ways round: a bound token is no bearer token, and a bearer token does not become better by a proof (RFC 9449, 7.1). */
async function isPossessed(
  claims: TokenClaims,
  token: string,
  bound: boolean,
  proof: string | readonly string[] | undefined,
  ctx: AuthenticateContext,
): Promise<boolean> {
  if (claims.jkt === undefined) return !bound;
  if (!bound || typeof proof !== "string") return false;
  const { method, url } = ctx.request;
  return (await readProof(proof, { method, url, token, nowMs: ctx.clock.now() }, ctx.seenProofs)) === claims.jkt;
}

async function byCookie(headers: Headers, ctx: AuthenticateContext): Promise<PersonCaller | undefined> {
  const header = headers.cookie;
  if (typeof header !== "string" || header.length > longest) return undefined;
  const cookie = cookieIn(ctx.publicUrl, header);
  if (cookie === undefined) return undefined;
  const session = await readSession(ctx.db, ctx.clock, cookie);
  if (session === undefined || !isRooted(ctx.credentials, session.parent, ctx.clock.now())) return undefined;
  const { method } = ctx.request;
  const sent = headers["x-countersign-csrf"] ?? ctx.request.csrf;
  if (
    !["GET", "HEAD", "OPTIONS"].includes(method.toUpperCase()) &&
    !isCsrf(cookie, typeof sent === "string" ? sent : undefined)
  ) {
    throw new Problem("forbidden", "this change did not come from a page of the console", {
      help: "send the page's token as `x-countersign-csrf`, or use a CLI credential",
    });
  }
  return asPerson(ctx.directory, session.person, session, session.method);
}

export function asCaller(
  directory: Directory,
  key: {
    readonly id: string;
    readonly agent: string;
    readonly environment: string;
    readonly onBehalfOf?: string;
    readonly createdBy: string;
    readonly vouchedBy: readonly string[];
  },
): Caller {
  const frozen = frozenBecause(directory, key.agent);
  const agent = directory.agents.get(key.agent);
  if (frozen !== undefined || agent === undefined) {
    throw new Problem("forbidden", frozen ?? "this agent is frozen", {
      help: "a person of the workspace has to take it over, or revoke its credentials",
    });
  }
  const { onBehalfOf } = key;
  const vouchedBy = onBehalfOf === undefined ? issuersOf(directory, key) : key.vouchedBy;
  if (onBehalfOf !== undefined && !directory.people.has(onBehalfOf)) {
    throw new Problem("forbidden", `this credential acts for \`${onBehalfOf}\`, who is no longer in the workspace`, {
      help: "revoke it",
    });
  }
  return {
    kind: "agent",
    agent: agent.name,
    owner: agent.owner,
    workflow: agent.workflow,
    dri: agent.dri,
    tier: directory.tierOf(agent.name, agent.workflow),
    groups: agent.groups,
    credential: key.id,
    environment: key.environment,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(onBehalfOf === undefined && vouchedBy.length === 0 ? {} : { vouchedBy }),
  };
}

/**
 * Whose hands an agent's requests may be in that acts for nobody: whoever issued its key, and who let them in. Nobody where
 * the server issued it, or where the organisation is one person, of whom nobody else could approve.
 */
function issuersOf(
  directory: Directory,
  key: { readonly createdBy: string; readonly vouchedBy: readonly string[] },
): readonly string[] {
  if (key.createdBy === "countersign" || isSinglePerson(directory)) return [];
  return [key.createdBy, ...key.vouchedBy];
}

export function asPerson(
  directory: Directory,
  email: string,
  { id: credential, vouchedBy }: { readonly id: string; readonly vouchedBy: readonly string[] },
  method: PersonCaller["method"],
): PersonCaller {
  const person = directory.people.get(email);
  if (person === undefined) throw new Problem("forbidden", `\`${email}\` is no longer in the workspace`);
  const { name, roles, groups } = person;
  return { kind: "person", email, name, roles, groups, credential, vouchedBy, method };
}

/** One sentence for all of it. Someone who sent nothing at all has tried nothing: they are not counted. */
function failed(ctx: AuthenticateContext, anonymous: boolean): Problem {
  const { source } = ctx.request;
  const blocked = ctx.attempts.isBlocked(source, ctx.clock.tick());
  if (!anonymous) ctx.attempts.fail(source, ctx.clock.tick());
  if (blocked && !anonymous) {
    return new Problem("too_many", "too many failed attempts from this address", { help: "wait a minute" });
  }
  return new Problem("not_authenticated", "credentials are missing or not valid", {
    help: "send a live key or token as `Authorization: Bearer …`",
  });
}
