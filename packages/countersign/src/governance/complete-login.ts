import { sha256 } from "../floor/digest.ts";
import { Problem } from "../floor/problem.ts";
import type { Secret } from "../floor/secret.ts";
import {
  bindingOf,
  completeAtProvider,
  newcomerRoles,
  openSession,
  type ProviderPerson,
  providerPersonLike,
  putProviderPerson,
  readClaims,
  takeLogin,
} from "../identity/index.ts";
import type { ProviderSettings } from "../workspace/index.ts";
import type { ConnectionSources } from "./connection-sources.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { providerInForce, withProvider } from "./provider-login.ts";

export interface Returned {
  /** Everything that the browser came back with. */
  readonly query: URLSearchParams;
  /** The cookie of the login that the state names. */
  readonly cookieOf: (id: string) => string | undefined;
  readonly publicUrl: string;
}

/**
 * The browser is back from the identity provider: a session, if the provider vouches for a verified address of somebody
 * who may come in. The login is used up before the provider is asked, so that it counts once whatever comes of it.
 */
export async function completeLogin(
  control: Control,
  sources: ConnectionSources,
  { query, cookieOf, publicUrl }: Returned,
): Promise<{ readonly person: string; readonly cookie: Secret; readonly next: string }> {
  const { db, clock } = control.parts;
  const [state = "", ...others] = query.getAll("state");
  const cookie = others.length === 0 ? cookieOf(state.split(".")[0] ?? "") : undefined;
  const begun =
    cookie === undefined
      ? undefined
      : await takeLogin(db, { stateHash: sha256(state), browserHash: sha256(cookie) }, clock.now());
  const settings = providerInForce(control);
  if (cookie === undefined || begun === undefined || settings === undefined || begun.issuer !== settings.issuer)
    throw new Problem("not_authenticated", "this login was not begun in this browser, was used already, or is over", {
      help: "begin again: a login takes at most ten minutes",
    });
  const { claims, logoutUrl } = await withProvider(sources, settings, publicUrl, (provider) =>
    completeAtProvider(provider, bindingOf(cookie, state), query),
  );
  const said = readClaims(claims, settings.claims, settings);
  if ("fault" in said) throw new Problem("forbidden", said.fault, { help: said.help });
  requireKnown(control, settings, said);
  return { ...(await open(control, said, logoutUrl)), next: begun.next };
}

/** Somebody of the file who is not disabled, or whom a rule of the file lets in. */
function requireKnown(control: Control, settings: ProviderSettings, { email, groups }: ProviderPerson): void {
  const listed = control.keeper.loaded().workspace?.people.find((one) => one.email === email);
  if (listed?.disabled === true) throw new Problem("forbidden", `\`${email}\` is disabled in this workspace`);
  if (listed !== undefined || newcomerRoles(settings, groups) !== undefined) return;
  throw new Problem("forbidden", `\`${email}\` is not a person of this workspace`, {
    help: "an admin adds people under `people` in countersign.yaml, or a rule under `login.provider.newcomers`",
  });
}

async function open(
  control: Control,
  said: ProviderPerson,
  logoutUrl: string | undefined,
): Promise<{ readonly person: string; readonly cookie: Secret }> {
  const { db, clock } = control.parts;
  const { email, issuer, subject, groups } = said;
  const before = (await providerPersonLike(db, said)).find((one) => one.email === email);
  const isSame = before?.name === said.name && before.groups.join("\n") === groups.join("\n");
  let made: Awaited<ReturnType<typeof openSession>> | undefined;
  await govern(control, {
    kind: "login",
    person: email,
    payload: { deed: "logged in", method: "oidc", provider: issuer, subject, groups },
    raises: !isSame,
    change: async (tx) => {
      requireSameSubject(await providerPersonLike(tx, said), said);
      await putProviderPerson(tx, said, clock.now());
      made = await openSession(tx, clock, { person: email, method: "oidc", provider: { issuer, logoutUrl } });
    },
  });
  if (made === undefined) throw new Error("a session was recorded and not made");
  return { person: made.person, cookie: made.cookie };
}

/** A mailbox that was given to somebody else is not the person who had it. */
function requireSameSubject(known: readonly ProviderPerson[], { email, subject }: ProviderPerson): void {
  const mine = known.find((one) => one.email === email);
  if (mine === undefined || mine.subject === subject) return;
  throw new Problem("forbidden", `\`${email}\` is somebody else now, as the identity provider says`, {
    help: "if that is right, an operator ends the logins of that address with `forget`, and you log in again",
  });
}
