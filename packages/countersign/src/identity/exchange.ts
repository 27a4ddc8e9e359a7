import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { sha256 } from "../floor/digest.ts";
import { readAssertion } from "./assertion.ts";
import type { FailedAttempts } from "./attempts.ts";
import type { AgentPublicKey, AgentWorkload } from "./credential.ts";
import { type CredentialSet, requireFresh } from "./credentials.ts";
import { type Directory, frozenBecause } from "./directory.ts";
import { readProof, type SeenProofs } from "./dpop.ts";
import { issuerOf, tokenEndpointOf } from "./metadata.ts";
import { useOnce } from "./sql.ts";
import { mintToken } from "./token.ts";
import type { TokenKeys } from "./token-key.ts";
import type { Workload } from "./workload.ts";

export interface ExchangeContext {
  readonly publicUrl: string;
  readonly directory: Directory;
  readonly credentials: CredentialSet;
  readonly tokenKeys: TokenKeys;
  readonly attempts: FailedAttempts;
  /** Address that the request came from. */
  readonly source: string;
  /** Whether a token may be asked for this resource: the addresses that this server serves. */
  readonly isResource: (resource: string) => boolean;
  /** The request's `DPoP` header, where it has one. */
  readonly proof?: string;
  readonly seenProofs: SeenProofs;
}

/** What the token endpoint answers, in the words of RFC 6749; send it with `Cache-Control: no-store`. */
export type Exchanged =
  | { readonly status: 200; readonly body: TokenAnswer; readonly agent: string; readonly credential: string }
  | Unexchanged;

export interface Unexchanged {
  readonly status: 400 | 401 | 429 | 503;
  readonly body: { readonly error: string; readonly error_description: string };
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: "Bearer" | "DPoP";
  readonly expires_in: number;
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/**
 * A signed client assertion (RFC 7523) for a short token for one resource (RFC 8707). It answers rather than throws, so
 * that the caller commits: a used `jti` stays used.
 */
export async function exchange(tx: Tx, clock: Clock, form: URLSearchParams, ctx: ExchangeContext): Promise<Exchanged> {
  const blocked = blockedBecause(clock, ctx);
  if (blocked !== undefined) return blocked;
  const asked = readForm(form, ctx);
  if ("status" in asked) return asked;
  const assertion = await readAssertion(asked.assertion, {
    credentials: ctx.credentials,
    audiences: [issuerOf(ctx.publicUrl), tokenEndpointOf(ctx.publicUrl)],
    nowMs: clock.now(),
  });
  if (assertion === undefined || (asked.clientId !== null && asked.clientId !== assertion.agent))
    return unknownClient(clock, ctx);
  const jkt = ctx.proof === undefined ? undefined : await proofKey(clock, ctx, ctx.proof);
  if (ctx.proof !== undefined && jkt === undefined)
    return refuse(400, "invalid_dpop_proof", "the proof does not fit this request");
  // INVARIANT: last of all that can fail for its form, so that only its own agent can use up an assertion.
  if (!(await useOnce(tx, sha256(`${assertion.agent}\n${assertion.jti}`), assertion.forgetAtMs)))
    return unknownClient(clock, ctx);
  const frozen = frozenBecause(ctx.directory, assertion.agent);
  if (frozen !== undefined) return refuse(400, "unauthorized_client", frozen);
  return tokenAnswer(clock, ctx, assertion.key, asked.resource, { jkt });
}

/** The short token of this credential, for one resource. */
export async function tokenAnswer(
  clock: Clock,
  ctx: ExchangeContext,
  key: AgentPublicKey | AgentWorkload,
  audience: string,
  { jkt, workload }: { readonly jkt: string | undefined; readonly workload?: Workload },
): Promise<Exchanged> {
  const { text, expiresInSeconds } = await mintToken(ctx.tokenKeys, {
    issuer: issuerOf(ctx.publicUrl),
    agent: key.agent,
    environment: key.environment,
    credential: key.id,
    audience,
    nowMs: clock.now(),
    notAfterMs: key.expiresAtMs,
    ...(jkt === undefined ? {} : { jkt }),
    ...(workload === undefined ? {} : { workload }),
  });
  return {
    status: 200,
    body: { access_token: text, token_type: jkt === undefined ? "Bearer" : "DPoP", expires_in: expiresInSeconds },
    agent: key.agent,
    credential: key.id,
  };
}

/** Fails with `unavailable` where revocations may have been missed. */
export function blockedBecause(clock: Clock, ctx: ExchangeContext): Unexchanged | undefined {
  requireFresh(ctx.credentials, clock.tick());
  if (!ctx.attempts.isBlocked(ctx.source, clock.tick())) return undefined;
  return {
    status: 429,
    body: { error: "invalid_client", error_description: "too many failed attempts; wait a minute" },
  };
}

interface Asked {
  readonly assertion: string;
  readonly resource: string;
  readonly clientId: string | null;
}

function readForm(form: URLSearchParams, ctx: ExchangeContext): Asked | Unexchanged {
  const twice = twiceIn(form);
  if (twice !== undefined) return twice;
  const grant = form.get("grant_type");
  if (grant === null) return refuse(400, "invalid_request", "grant_type is missing");
  if (grant !== "client_credentials")
    return refuse(400, "unsupported_grant_type", "only client_credentials and jwt-bearer are served here");
  const assertion = form.get("client_assertion");
  if (form.get("client_assertion_type") !== assertionType || assertion === null || form.has("client_secret")) {
    return refuse(401, "invalid_client", "authenticate with a signed client assertion (private_key_jwt)");
  }
  const resource = resourceIn(form, ctx);
  return typeof resource === "string" ? { assertion, resource, clientId: form.get("client_id") } : resource;
}

export function twiceIn(form: URLSearchParams): Unexchanged | undefined {
  const names = [...form.keys()];
  if (new Set(names).size === names.length) return undefined;
  return form.getAll("resource").length > 1
    ? refuse(400, "invalid_target", "one token is for one resource")
    : refuse(400, "invalid_request", "a parameter is there twice");
}

export function resourceIn(form: URLSearchParams, ctx: ExchangeContext): string | Unexchanged {
  const resource = form.get("resource");
  if (resource !== null && ctx.isResource(resource)) return resource;
  return refuse(400, "invalid_target", "say with `resource` which address of this server the token is for");
}

/** Thumbprint of the key that the request's proof was made with; undefined where it does not fit this request. */
export function proofKey(clock: Clock, ctx: ExchangeContext, proof: string): Promise<string | undefined> {
  return readProof(proof, { method: "POST", url: tokenEndpointOf(ctx.publicUrl), nowMs: clock.now() }, ctx.seenProofs);
}

function unknownClient(clock: Clock, ctx: ExchangeContext): Exchanged {
  ctx.attempts.fail(ctx.source, clock.tick());
  return refuse(401, "invalid_client", "the client assertion is not valid");
}

export function refuse(status: Unexchanged["status"], error: string, description: string): Unexchanged {
  return { status, body: { error, error_description: description } };
}
