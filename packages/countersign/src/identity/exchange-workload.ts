import type { Db, Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { sha256 } from "../floor/digest.ts";
import { Problem } from "../floor/problem.ts";
import { workloadOf } from "./credentials.ts";
import { frozenBecause } from "./directory.ts";
import {
  blockedBecause,
  type ExchangeContext,
  type Exchanged,
  proofKey,
  refuse,
  resourceIn,
  tokenAnswer,
  twiceIn,
  type Unexchanged,
} from "./exchange.ts";
import type { IssuerKeys } from "./issuer-keys.ts";
import { issuerOf } from "./metadata.ts";
import { isUsed, useOnce } from "./sql.ts";
import { isMeant, type WorkloadRule } from "./workload.ts";
import { readWorkloadToken, type WorkloadToken } from "./workload-token.ts";

/**
 * What a trusted issuer signed about a workload (RFC 7523, section 2.1) for a short token of the one agent that a rule of
 * the workspace means by it. No transaction is open while the issuer is asked for its keys.
 */
export async function exchangeWorkload(
  db: Pick<Db, "transaction">,
  clock: Clock,
  form: URLSearchParams,
  ctx: ExchangeContext & { readonly issuerKeys: IssuerKeys },
): Promise<Exchanged> {
  const stopped = blockedBecause(clock, ctx) ?? twiceIn(form);
  if (stopped !== undefined) return stopped;
  const assertion = form.get("assertion");
  if (assertion === null || form.has("client_assertion") || form.has("client_secret"))
    return refuse(
      400,
      "invalid_request",
      "send what the issuer signed as `assertion`, and nothing else to prove who it is",
    );
  const resource = resourceIn(form, ctx);
  if (typeof resource !== "string") return resource;
  const token = await read(clock, assertion, ctx);
  if (token === undefined) return unknown(clock, ctx, "the assertion is not valid");
  if ("status" in token) return token;
  const rule = onlyRule(token, ctx);
  if (typeof rule === "string") return unknown(clock, ctx, rule);
  const clientId = form.get("client_id");
  if (clientId !== null && clientId !== rule.agent)
    return unknown(clock, ctx, "`client_id` is not the agent that this token stands for");
  const jkt = ctx.proof === undefined ? undefined : await proofKey(clock, ctx, ctx.proof);
  if (ctx.proof !== undefined && jkt === undefined)
    return refuse(400, "invalid_dpop_proof", "the proof does not fit this request");
  if (rule.reusable && jkt === undefined)
    return refuse(
      400,
      "invalid_dpop_proof",
      "this identity is known by tokens that are used again: send a proof (DPoP)",
    );
  // INVARIANT: last of all that can fail for its form, so that only the workload itself can use up its token.
  if (!(await db.transaction((tx) => takeToken(tx, token, rule, jkt))))
    return unknown(clock, ctx, "the assertion was used before");
  const identity = workloadOf(ctx.credentials, rule, clock.now());
  if (identity === undefined)
    return refuse(400, "invalid_grant", "this identity was revoked: change its rule in the workspace to open it again");
  const frozen = frozenBecause(ctx.directory, rule.agent);
  if (frozen !== undefined) return refuse(400, "unauthorized_client", frozen);
  const { issuer, subject } = token;
  return tokenAnswer(clock, ctx, identity, resource, { jkt, workload: { issuer, subject } });
}

async function read(
  clock: Clock,
  assertion: string,
  { directory, issuerKeys }: ExchangeContext & { readonly issuerKeys: IssuerKeys },
): Promise<WorkloadToken | Unexchanged | undefined> {
  const trusts = (issuer: string): boolean => (directory.workloads ?? []).some((rule) => rule.issuer === issuer);
  try {
    return await readWorkloadToken(assertion, { trusts, keys: issuerKeys, nowMs: clock.now() });
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code !== "unavailable") throw thrown;
    return refuse(503, "temporarily_unavailable", `${thrown.detail.replaceAll("`", "'")}; try again in a while`);
  }
}

/**
 * INVARIANT: exactly one rule means it, of all that stand in the workspace, also those whose identity was revoked: where two
 * do, nobody is taken for either. Its signature holds by now, so its bearer may know which it was.
 */
function onlyRule(token: WorkloadToken, { directory, publicUrl }: ExchangeContext): WorkloadRule | string {
  const meant = (directory.workloads ?? []).filter((rule) => isMeant(rule, token, issuerOf(publicUrl)));
  const [rule] = meant;
  if (rule === undefined) return "no agent here has a rule that fits the audience and the claims of this token";
  return meant.length === 1 ? rule : "more than one rule fits this token, so nobody is taken for it";
}

/**
 * Once, as an assertion of an agent's own; a token that may be used again belongs to whoever used it first, by the key of
 * their proof, so that a copy of it opens nothing.
 */
async function takeToken(
  tx: Tx,
  { hash, forgetAtMs }: WorkloadToken,
  { reusable }: WorkloadRule,
  jkt: string | undefined,
): Promise<boolean> {
  const isFirst = await useOnce(tx, hash, forgetAtMs);
  if (!reusable || jkt === undefined) return isFirst;
  const byKey = sha256(hash, `\n${jkt}`);
  return isFirst ? useOnce(tx, byKey, forgetAtMs) : isUsed(tx, byKey);
}

function unknown(clock: Clock, ctx: ExchangeContext, why: string): Unexchanged {
  ctx.attempts.fail(ctx.source, clock.tick());
  return refuse(400, "invalid_grant", why);
}
