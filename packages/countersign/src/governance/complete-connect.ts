import { settleAlert } from "../action/alert-sql.ts";
import { type Consent, type Holder, isBrowserOf, secretOf } from "../connections/index.ts";
import { claimConsent, consentByState, endConsent, type NewConnection, replaceConnection } from "../connections/sql.ts";
import { type OAuthConfig, redeemCode, revokeTokens, type Tokens, verifyIssuer } from "../execution/mcp/index.ts";
import { sha256 } from "../floor/digest.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { Secret } from "../floor/secret.ts";
import { isSessionOpen, liveCredential, type PersonCaller } from "../identity/index.ts";
import { aboutOf, connectable, requireMayConnect } from "./connect.ts";
import { type ConnectionSources, rememberTokens } from "./connection-sources.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { type Browser, requireOwnSession } from "./look-at-consent.ts";
import { type OAuthUpstream, withOAuthClient } from "./oauth-client.ts";
import { openConsent } from "./sealed-consent.ts";
import { packTokens } from "./token-box.ts";

/** What a browser brought back from an authorization server. All of it is a stranger's word. */
export interface Arrival {
  readonly server: string;
  readonly state: string;
  readonly code?: string;
  readonly error?: string;
  readonly iss?: string;
  /** Who is logged in in the browser that came. */
  readonly session?: NonNullable<Browser["session"]>;
  /** The cookie by which this browser is bound to a consent. */
  readonly cookieOf: (consent: string) => string | undefined;
}

/**
 * The browser has come back: its state is used up first, whatever else is true. Then everything that was true at the
 * beginning has to be true still, and the code is turned into tokens, which are sealed with the ledger's entry or not at
 * all. Resolves with the consent's id.
 */
export async function completeConnect(control: Control, sources: ConnectionSources, arrival: Arrival): Promise<string> {
  const { db } = control.parts;
  const stateHash = sha256(arrival.state);
  const consent = await claimConsent(db, stateHash);
  if (consent === undefined) throw notWaiting(await consentByState(db, stateHash));
  try {
    const { verifier } = openConsent(control, consent);
    const upstream = await stillAsBegun(control, consent, arrival);
    await withOAuthClient(sources.store, upstream, consent.redirectUri, async (config) => {
      // RFC 9207: of an answer from another server not even its error counts.
      await verifyIssuer(config, arrival.iss);
      const code = codeOf(consent, arrival);
      const brought = {
        code,
        verifier: new Secret(verifier),
        ...(arrival.iss === undefined ? {} : { iss: arrival.iss }),
      };
      const tokens = await redeemCode(config, brought, control.parts.clock);
      await keep(control, sources, { consent, config, tokens });
    });
    return consent.id;
  } catch (thrown) {
    await fail(control, consent, thrown);
    throw thrown;
  }
}

function notWaiting(known: Consent | undefined): Problem {
  if (known === undefined)
    return new Problem("invalid", "this answer belongs to nothing that was begun here; nothing was connected");
  if (known.isUsed) return new Problem("conflict", "this answer has been used; it works once");
  return new Problem("conflict", "it took longer than ten minutes and is over; nothing was connected", {
    help: "begin again",
  });
}

async function stillAsBegun(control: Control, consent: Consent, arrival: Arrival): Promise<OAuthUpstream> {
  if (arrival.server !== consent.server)
    throw new Problem("forbidden", "the answer came to another server's address; nothing was connected");
  if (!consent.confirmed || !isBrowserOf(consent, arrival.cookieOf(consent.id))) {
    throw new Problem("forbidden", "this is not the browser in which it was begun; nothing was connected", {
      help: "if you did not begin it, somebody wanted your consent for themselves: tell your security people",
    });
  }
  requireOwnSession(consent, arrival.session === undefined ? {} : { session: arrival.session });
  const upstream = connectable(control, consent.server);
  const { rule, transport } = upstream;
  const isSame =
    rule.issuer === consent.issuer &&
    rule.clientId === consent.clientId &&
    transport.url === consent.resource &&
    (rule.for === "person") === (consent.workflow === null);
  if (!isSame)
    throw new Problem("conflict", `the tools file of \`${consent.server}\` has changed meanwhile`, {
      help: "begin again",
    });
  requireMayConnect(control, await beginner(control, consent), holderOf(consent));
  return upstream;
}

function holderOf({ workflow, person }: Pick<Consent, "workflow" | "person">): Holder {
  return workflow === null ? { person } : { workflow };
}

/** Who began it, as they are in the workspace now, where what they began it with is still good. */
async function beginner(control: Control, { person, credential }: Consent): Promise<PersonCaller> {
  const { clock, db } = control.parts;
  const { directory } = control.keeper.loaded();
  const known = directory.people.get(person);
  const isGood = credential.startsWith("ses_")
    ? await isSessionOpen(db, clock, credential)
    : liveCredential(control.keeper.credentials(), credential, clock.now()) !== undefined;
  if (known === undefined || !isGood)
    throw new Problem("forbidden", "who began this is not logged in any more; nothing was connected", {
      help: "begin again",
    });
  const { email, name, roles, groups } = known;
  return {
    kind: "person",
    email,
    name,
    roles,
    groups,
    credential,
    method: credential.startsWith("ses_") ? "link" : "cli",
  };
}

/** The code, or why there is none. What the server says about it in words is not repeated. */
function codeOf(consent: Consent, { code, error }: Arrival): string {
  if (error === "access_denied") throw new Denied(consent.server);
  if (error !== undefined) {
    const known = /^[a-z_]{1,40}$/.test(error) ? ` (${error})` : "";
    throw new Problem("conflict", `the authorization server did not let \`${consent.server}\` be connected${known}`);
  }
  if (code !== undefined) return code;
  throw new Problem("invalid", "the answer holds neither a code nor an error; nothing was connected");
}

class Denied extends Problem {
  constructor(server: string) {
    super("forbidden", `\`${server}\` was not connected: it was denied there`);
  }
}

interface Granted {
  readonly consent: Consent;
  readonly config: OAuthConfig;
  readonly tokens: Tokens;
}

/** Seals the tokens in the entry's own transaction. Where that fails, they are given back: nothing is half connected. */
async function keep(control: Control, sources: ConnectionSources, { consent, config, tokens }: Granted): Promise<void> {
  rememberTokens(sources, tokens);
  const { clock } = control.parts;
  const made: NewConnection = {
    id: newId("con", clock.now()),
    server: consent.server,
    workflow: consent.workflow,
    person: consent.workflow === null ? consent.person : null,
    issuer: consent.issuer,
    clientId: consent.clientId,
    resource: consent.resource,
    scope: tokens.scope ?? consent.scope,
    connectedBy: consent.person,
    tokenUntilMs: tokens.expiresAtMs ?? null,
    renewable: tokens.refresh !== undefined,
  };
  const browser = consent.codeHash === null ? "the person's session" : "a code that the person typed";
  try {
    await govern(control, {
      kind: "secret",
      person: consent.person,
      ...(consent.workflow === null ? {} : { workflow: consent.workflow }),
      payload: {
        deed: "connected",
        connection: made.id,
        consent: consent.id,
        ...aboutOf({ ...consent, scope: made.scope }),
        renewable: made.renewable,
        browser,
      },
      change: async (tx) => {
        const store = sources.storeWithin(tx);
        for (const before of await replaceConnection(tx, made)) {
          await store.destroy(secretOf(before));
          await settleAlert(tx, "connection", before);
        }
        await store.replace(secretOf(made.id), packTokens(tokens), consent.person);
        if (!(await endConsent(tx, consent.id, { outcome: "connected", connection: made.id })))
          throw new Problem("conflict", "it is over");
      },
    });
  } catch (thrown) {
    await revokeTokens(config, tokens).catch((cause: unknown) =>
      control.parts.log.warn({ consent: consent.id, cause: String(cause) }, "tokens could not be revoked"),
    );
    throw thrown;
  }
}

/** An answer that connects nothing ends what it belongs to, on the record. */
async function fail(control: Control, consent: Consent, thrown: unknown): Promise<void> {
  const outcome = thrown instanceof Denied ? ("denied" as const) : ("failed" as const);
  const because = thrown instanceof Problem ? thrown.detail : "something failed inside countersign";
  await govern(control, {
    kind: "secret",
    person: consent.person,
    ...(consent.workflow === null ? {} : { workflow: consent.workflow }),
    payload: { deed: "not connected", consent: consent.id, outcome, because, ...aboutOf(consent) },
    raises: false,
    change: async (tx) => void (await endConsent(tx, consent.id, { outcome, because })),
  }).catch((cause: unknown) =>
    control.parts.log.error(
      { consent: consent.id, cause: String(cause) },
      "that nothing was connected is not recorded",
    ),
  );
}
