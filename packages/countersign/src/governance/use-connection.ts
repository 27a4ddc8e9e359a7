import { type Connection, commandFor, type Holder, holderOf, secretOf } from "../connections/index.ts";
import { connectionOf, newestConnections } from "../connections/sql.ts";
import { earlyMs, type Tokens, Unconnected, type UpstreamConfig } from "../execution/mcp/index.ts";
import { Problem } from "../floor/problem.ts";
import { Secret } from "../floor/secret.ts";
import { type ConnectionSources, rememberTokens } from "./connection-sources.ts";
import type { OAuthUpstream } from "./oauth-client.ts";
import { renewConnection, saveUnsaved } from "./renew-connection.ts";
import { unpackTokens } from "./token-box.ts";

type Credentials = NonNullable<Extract<UpstreamConfig, { transport: "http" }>["credentials"]>;
type Headers = Awaited<ReturnType<Credentials["headers"]>>;

/** A token that was renewed because the server did not take it is tried this long before it is renewed for that again. */
const sulkMs = 30_000;
/** A renewal that failed is not tried again sooner, while the token that there is still works. */
const restMs = 10_000;

/**
 * The credential of one upstream for one holder, looked up at each request; without a holder, for what the plane itself
 * asks a server. INVARIANT: no other holder's is ever used in its place.
 */
export function useConnection(
  sources: ConnectionSources,
  upstream: OAuthUpstream,
  holder: Holder | undefined,
): Credentials {
  const owners = new WeakMap<Headers, Connection>();
  const refused = new Map<string, { readonly version: number; readonly tick: number }>();
  let renewing: { readonly id: string; readonly work: Promise<unknown> } | undefined;
  let resting: { readonly id: string; readonly until: number } | undefined;

  const mustRenew = (connection: Connection, tokens: Tokens): boolean => {
    const { clock } = sources.control().parts;
    const leftMs = (tokens.expiresAtMs ?? Number.POSITIVE_INFINITY) - clock.now();
    if (refused.get(connection.id)?.version === connection.version || leftMs <= 0) return true;
    const rests = resting?.id === connection.id && clock.tick() < resting.until;
    return tokens.refresh !== undefined && leftMs <= earlyMs && !rests;
  };
  const renew = async (connection: Connection, tokens: Tokens): Promise<void> => {
    if (renewing?.id !== connection.id) {
      const work = renewConnection(sources, upstream, connection, tokens);
      renewing = { id: connection.id, work };
      void work
        .catch(() => undefined)
        .finally(() => {
          renewing = undefined;
        });
    }
    try {
      await renewing.work;
    } catch (thrown) {
      // Its server cannot be asked now; the token is good a little longer.
      const { clock } = sources.control().parts;
      const stillGood = (tokens.expiresAtMs ?? 0) > clock.now();
      if (!stillGood || refused.get(connection.id)?.version === connection.version) throw thrown;
      resting = { id: connection.id, until: clock.tick() + restMs };
    }
  };
  const current = async (): Promise<{ connection: Connection; tokens: Tokens }> => {
    await saveUnsaved(sources, upstream);
    const found = await usable(sources, upstream, holder);
    const tokens = await openTokens(sources, found);
    if (!mustRenew(found, tokens)) return { connection: found, tokens };
    await renew(found, tokens);
    const connection = await usable(sources, upstream, holder);
    return { connection, tokens: await openTokens(sources, connection) };
  };

  return {
    async headers() {
      const { connection, tokens } = await current();
      const headers = { authorization: new Secret(`Bearer ${tokens.access.reveal()}`) };
      owners.set(headers, connection);
      return headers;
    },
    refused(headers) {
      const connection = owners.get(headers);
      if (connection === undefined) return;
      const tick = sources.control().parts.clock.tick();
      const before = refused.get(connection.id);
      if (before !== undefined && before.version !== connection.version && tick - before.tick < sulkMs) return;
      refused.set(connection.id, { version: connection.version, tick });
    },
    whose: (headers) => owners.get(headers)?.id,
  };
}

/** The connection of this holder, where it may be used as things are now; the plane itself takes the newest that may be. */
async function usable(
  sources: ConnectionSources,
  upstream: OAuthUpstream,
  holder: Holder | undefined,
): Promise<Connection> {
  const { db } = sources.control().parts;
  const { rule, server } = upstream;
  if (holder !== undefined && "person" in holder && holder.person === "") {
    throw new Unconnected(
      `\`${server}\` is used on behalf of people, and this agent's credential acts for nobody: a key that does is issued with \`--for\``,
    );
  }
  const found =
    holder === undefined
      ? await newestConnections(db, server, rule.for === "person")
      : [await connectionOf(db, server, holder)].filter((one) => one !== undefined);
  const good = found.find((one) => whyNot(sources, upstream, one) === undefined);
  if (good !== undefined) return good;
  const [first] = found;
  const because = first === undefined ? undefined : whyNot(sources, upstream, first);
  if (first === undefined || because === undefined) throw new Unconnected(missing(server, holder));
  const who = first.person ?? "somebody who may";
  const how = `${who} runs \`${commandFor(server, holderOf(first))}\``;
  throw new Unconnected(`\`${server}\` needs connecting again (${because}): ${how}`);
}

function whyNot(sources: ConnectionSources, { transport, rule }: OAuthUpstream, found: Connection): string | undefined {
  if (found.lapsedBecause !== null) return found.lapsedBecause;
  const isSame = found.resource === transport.url && found.issuer === rule.issuer && found.clientId === rule.clientId;
  const isPersonal = found.person !== null;
  // INVARIANT: a token goes to the address that it was asked for, also where a file names another since.
  if (!isSame || isPersonal !== (rule.for === "person")) return "its tools file has changed";
  const { people } = sources.control().keeper.loaded().directory;
  return people.has(found.connectedBy) ? undefined : `\`${found.connectedBy}\` has left the workspace`;
}

function missing(server: string, holder: Holder | undefined): string {
  if (holder === undefined) return `nobody has connected \`${server}\` yet`;
  const command = commandFor(server, holder);
  return "person" in holder
    ? `\`${holder.person}\` has not connected \`${server}\` yet: they run \`${command}\``
    : `nobody has connected \`${server}\` for workflow \`${holder.workflow}\` yet: \`${command}\``;
}

async function openTokens(sources: ConnectionSources, connection: Connection): Promise<Tokens> {
  const lease = await sources.store.lease(secretOf(connection.id), { server: connection.server });
  try {
    const tokens = unpackTokens(lease.value);
    rememberTokens(sources, tokens);
    return tokens;
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown;
    throw new Problem("unavailable", `the tokens of \`${connection.server}\` cannot be opened`);
  } finally {
    await lease.release();
  }
}
