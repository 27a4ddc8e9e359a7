import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { sha256 } from "../floor/digest.ts";
import { type Assertion, readAssertion } from "./assertion.ts";
import type { FailedAttempts } from "./attempts.ts";
import { type CredentialSet, requireFresh } from "./credentials.ts";
import { type Directory, frozenBecause } from "./directory.ts";
import { readProof, type SeenProofs } from "./dpop.ts";
import { issuerOf, tokenEndpointOf } from "./metadata.ts";
import { useOnce } from "./sql.ts";
import { mintToken } from "./token.ts";
import type { TokenKeys } from "./token-key.ts";

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
  | { readonly status: 400 | 401 | 429; readonly body: { readonly error: string; readonly error_description: string } };

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
  requireFresh(ctx.credentials, clock.tick());
  if (ctx.attempts.isBlocked(ctx.source, clock.tick())) {
    return {
      status: 429,
      body: { error: "invalid_client", error_description: "too many failed attempts; wait a minute" },
    };
  }
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
  return answer(clock, ctx, assertion, asked.resource, jkt);
}

async function answer(
  clock: Clock,
  ctx: ExchangeContext,
  assertion: Assertion,
  audience: string,
  jkt: string | undefined,
): Promise<Exchanged> {
  const { text, expiresInSeconds } = await mintToken(ctx.tokenKeys, {
    issuer: issuerOf(ctx.publicUrl),
    agent: assertion.agent,
    environment: assertion.key.environment,
    credential: assertion.key.id,
    audience,
    nowMs: clock.now(),
    notAfterMs: assertion.key.expiresAtMs,
    ...(jkt === undefined ? {} : { jkt }),
  });
  return {
    status: 200,
    body: { access_token: text, token_type: jkt === undefined ? "Bearer" : "DPoP", expires_in: expiresInSeconds },
    agent: assertion.agent,
    credential: assertion.key.id,
  };
}

interface Asked {
  readonly assertion: string;
  readonly resource: string;
  readonly clientId: string | null;
}

function readForm(form: URLSearchParams, ctx: ExchangeContext): Asked | Exclude<Exchanged, { status: 200 }> {
  const names = [...form.keys()];
  if (new Set(names).size !== names.length) {
    const twice = names.filter((name) => name === "resource").length > 1;
    return twice
      ? refuse(400, "invalid_target", "one token is for one resource")
      : refuse(400, "invalid_request", "a parameter is there twice");
  }
  const grant = form.get("grant_type");
  if (grant === null) return refuse(400, "invalid_request", "grant_type is missing");
  if (grant !== "client_credentials")
    return refuse(400, "unsupported_grant_type", "only client_credentials is served here");
  const assertion = form.get("client_assertion");
  if (form.get("client_assertion_type") !== assertionType || assertion === null || form.has("client_secret")) {
    return refuse(401, "invalid_client", "authenticate with a signed client assertion (private_key_jwt)");
  }
  const resource = form.get("resource");
  if (resource === null || !ctx.isResource(resource)) {
    return refuse(400, "invalid_target", "say with `resource` which address of this server the token is for");
  }
  return { assertion, resource, clientId: form.get("client_id") };
}

function proofKey(clock: Clock, ctx: ExchangeContext, proof: string): Promise<string | undefined> {
  return readProof(proof, { method: "POST", url: tokenEndpointOf(ctx.publicUrl), nowMs: clock.now() }, ctx.seenProofs);
}

function unknownClient(clock: Clock, ctx: ExchangeContext): Exchanged {
  ctx.attempts.fail(ctx.source, clock.tick());
  return refuse(401, "invalid_client", "the client assertion is not valid");
}

function refuse(status: 400 | 401, error: string, description: string): Exclude<Exchanged, { status: 200 }> {
  return { status, body: { error, error_description: description } };
}
