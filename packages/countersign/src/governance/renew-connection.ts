import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, holderOf, secretOf } from "../connections/index.ts";
import { connectionOf, giveBackRenewal, saveRenewal, selectConnection, takeRenewal } from "../connections/sql.ts";
import { NoToken, renewTokens, revokeTokens, type Tokens } from "../execution/mcp/index.ts";
import { Problem } from "../floor/problem.ts";
import { type ConnectionSources, rememberTokens } from "./connection-sources.ts";
import { orMissing } from "./gone-secret.ts";
import { lapseConnection } from "./lapse-connection.ts";
import { type OAuthUpstream, withOAuthClient } from "./oauth-client.ts";
import { packTokens } from "./token-box.ts";

/** Longer than discovery and the token request can take with their deadlines. */
const leaseMs = 90_000;
/** How long another replica's renewal is waited for: less where the token that there is still works. */
const patienceMs = 20_000;
const shortPatienceMs = 3_000;
const lookEveryMs = 100;
const savePausesMs = [100, 300, 1_000, 3_000];

/** Tokens that a server has given out and that could not be kept yet: they are kept before anything else is done. */
type Unsaved = Map<string, { readonly connection: Connection; readonly tokens: Tokens }>;
const unsavedOf = new WeakMap<ConnectionSources, Unsaved>();

/**
 * Uses the refresh token of a connection, on one replica at a time, and keeps what comes back. `kept` where somebody has
 * renewed it, here or elsewhere; `lapsed` where the server does not take it any more.
 */
export async function renewConnection(
  sources: ConnectionSources,
  upstream: OAuthUpstream,
  connection: Connection,
  tokens: Tokens,
): Promise<"kept" | "lapsed"> {
  const { parts } = sources.control();
  const { refresh } = tokens;
  if (refresh === undefined) return lapse(sources, connection, "it has ended and cannot be renewed");
  const waitedFrom = parts.clock.tick();
  while (!(await takeRenewal(parts.db, connection.id, connection.version, leaseMs))) {
    const now = await selectConnection(parts.db, connection.id);
    if (now === undefined || now.version !== connection.version) return "kept";
    if (now.lapsedBecause !== null) return "lapsed";
    const isGood = (tokens.expiresAtMs ?? 0) > parts.clock.now();
    if (parts.clock.tick() - waitedFrom > (isGood ? shortPatienceMs : patienceMs))
      throw new Problem(
        "unavailable",
        `the connection to \`${connection.server}\` is being renewed and that takes too long`,
      );
    await sleep(lookEveryMs);
  }
  let renewed: Tokens;
  try {
    renewed = await withOAuthClient(sources.store, upstream, undefined, (config) =>
      renewTokens(config, refresh, parts.clock),
    );
  } catch (thrown) {
    if (thrown instanceof NoToken && thrown.error === "invalid_grant")
      return lapse(sources, connection, "its server does not renew it any more");
    await giveBackRenewal(parts.db, connection.id, connection.version).catch(() => undefined);
    throw orMissing(thrown);
  }
  rememberTokens(sources, renewed);
  await keep(sources, upstream, connection, renewed);
  return "kept";
}

/** Keeps what earlier renewals of this server's connections got and could not write down. */
export async function saveUnsaved(sources: ConnectionSources, upstream: OAuthUpstream): Promise<void> {
  for (const { connection, tokens } of unsavedOf.get(sources)?.values() ?? [])
    if (connection.server === upstream.server) await keep(sources, upstream, connection, tokens);
}

async function lapse(sources: ConnectionSources, connection: Connection, because: string): Promise<"kept" | "lapsed"> {
  return (await lapseConnection(sources.control(), connection, because)) ? "lapsed" : "kept";
}

/** INVARIANT: a rotated refresh token exists nowhere else: it is held in memory until the database has it. */
async function keep(
  sources: ConnectionSources,
  upstream: OAuthUpstream,
  connection: Connection,
  tokens: Tokens,
): Promise<void> {
  const unsaved: Unsaved = unsavedOf.get(sources) ?? new Map();
  unsavedOf.set(sources, unsaved);
  unsaved.set(connection.id, { connection, tokens });
  const { log } = sources.control().parts;
  for (const pauseMs of [...savePausesMs, undefined]) {
    try {
      const isSaved = await save(sources, connection, tokens);
      unsaved.delete(connection.id);
      if (!isSaved) await giveUp(sources, upstream, connection, tokens);
      return;
    } catch (cause) {
      log.warn({ connection: connection.id, cause: String(cause) }, "a renewed connection could not be kept yet");
      if (pauseMs === undefined) throw cause;
      await sleep(pauseMs);
    }
  }
}

function save(sources: ConnectionSources, connection: Connection, tokens: Tokens): Promise<boolean> {
  const { db } = sources.control().parts;
  return db.transaction(async (tx) => {
    const isOurs = await saveRenewal(tx, connection.id, connection.version, {
      tokenUntilMs: tokens.expiresAtMs ?? null,
      renewable: tokens.refresh !== undefined,
      ...(tokens.scope === undefined ? {} : { scope: tokens.scope }),
    });
    if (isOurs) await sources.storeWithin(tx).replace(secretOf(connection.id), packTokens(tokens), "countersign");
    return isOurs;
  });
}

/**
 * Somebody ended the connection meanwhile: what was got for it is ended too. Not where there is another of the same
 * holder: a server may end all that an account has given in one go.
 */
async function giveUp(
  sources: ConnectionSources,
  upstream: OAuthUpstream,
  connection: Connection,
  tokens: Tokens,
): Promise<void> {
  const { db, log } = sources.control().parts;
  if ((await connectionOf(db, connection.server, holderOf(connection))) !== undefined) return;
  await withOAuthClient(sources.store, upstream, undefined, (config) => revokeTokens(config, tokens)).catch(
    (cause: unknown) => log.warn({ connection: connection.id, cause: String(cause) }, "tokens could not be revoked"),
  );
}
