import { setTimeout as sleep } from "node:timers/promises";
import { settleAlert } from "../action/alert-sql.ts";
import { type Connection, secretOf } from "../connections/index.ts";
import { deleteConnection, holdRenewal, selectConnection } from "../connections/sql.ts";
import { type OAuthConfig, revokeTokens, type Tokens } from "../execution/mcp/index.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import type { ConnectionSources } from "./connection-sources.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { oauthUpstream, withOAuthClient } from "./oauth-client.ts";
import { unpackTokens } from "./token-box.ts";

export interface Disconnected {
  readonly entry: string;
  /** Whether the authorization server was told: it may have no address for that, or not answer. */
  readonly revoked: "revoked" | "no endpoint" | "failed";
}

const leaseMs = 90_000;
const patienceMs = 20_000;
const lookEveryMs = 100;

/** Ends a connection: its server is told, as far as it can be, and what was sealed is destroyed whether it was told or not. */
export async function disconnect(
  control: Control,
  sources: ConnectionSources,
  person: PersonCaller,
  id: string,
): Promise<Disconnected> {
  const { parts } = control;
  const connection = await selectConnection(parts.db, id);
  if (connection === undefined) throw new Problem("not_found", `there is no connection \`${id.slice(0, 60)}\``);
  const { server, workflow } = connection;
  const whose = workflow === null ? { about: connection.person ?? "" } : { workflow };
  requireMay(person, "disconnect", contextOf(control, whose));
  await holdStill(control, connection);
  const revoked = await tellServer(control, sources, connection);
  const entry = await govern(control, {
    kind: "secret",
    person: person.email,
    ...(workflow === null ? {} : { workflow }),
    payload: { deed: "disconnected", connection: id, server, workflow, for: connection.person, revoked },
    change: async (tx) => {
      if (!(await deleteConnection(tx, id))) throw new Problem("conflict", "somebody else ended it first");
      await sources.storeWithin(tx).destroy(secretOf(id));
      await settleAlert(tx, "connection", id);
    },
  });
  return { entry, revoked };
}

/** No replica may renew it while its tokens are revoked: the one that it got would live on. */
async function holdStill({ parts }: Control, { id, server }: Connection): Promise<void> {
  const from = parts.clock.tick();
  while (!(await holdRenewal(parts.db, id, leaseMs))) {
    if (parts.clock.tick() - from > patienceMs)
      throw new Problem("unavailable", `the connection to \`${server}\` is being renewed`, {
        help: "try again in a minute",
      });
    if ((await selectConnection(parts.db, id)) === undefined)
      throw new Problem("conflict", "somebody else ended it first");
    await sleep(lookEveryMs);
  }
}

async function tellServer(
  control: Control,
  sources: ConnectionSources,
  connection: Connection,
): Promise<Disconnected["revoked"]> {
  try {
    const tokens = await open(sources, connection);
    return await withClientOf(control, sources, connection, (config) => revokeTokens(config, tokens));
  } catch (cause) {
    const because = cause instanceof Problem ? cause.detail : "something failed";
    control.parts.log.warn(
      { server: connection.server, because },
      "tokens could not be revoked; they are destroyed here",
    );
    return "failed";
  }
}

async function open(sources: ConnectionSources, { id, server }: Connection): Promise<Tokens> {
  const lease = await sources.store.lease(secretOf(id), { server });
  try {
    return unpackTokens(lease.value);
  } finally {
    await lease.release();
  }
}

/** The client as the tools file has it where that is still the one; else as a client without a credential. */
async function withClientOf<T>(
  control: Control,
  sources: ConnectionSources,
  { server, issuer, clientId, resource }: Connection,
  work: (config: OAuthConfig) => Promise<T>,
): Promise<T> {
  const upstream = oauthUpstream(control.keeper.loaded().catalog.file(server));
  if (upstream?.rule.issuer === issuer && upstream.rule.clientId === clientId)
    return withOAuthClient(sources.store, upstream, undefined, work);
  return work({ resource, issuer, clientId, authentication: { kind: "none" }, grant: { kind: "client_credentials" } });
}
