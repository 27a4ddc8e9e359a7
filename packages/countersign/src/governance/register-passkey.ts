import { Problem } from "../floor/problem.ts";
import {
  type Attestation,
  addPasskey,
  handsOf,
  type PersonCaller,
  passkeyOptions,
  readPasskey,
  sessionOf,
  siteOf,
  takeChallenge,
} from "../identity/index.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** A session that was left open must not be enough to add a key that approves. */
const freshMs = 600_000;

/** What a person's browser is asked to make a passkey of. Their login has to be fresh. */
export async function offerPasskey(control: Control, person: PersonCaller, publicUrl: string): Promise<object> {
  await requireFreshSession(control, person);
  const { db, clock } = control.parts;
  const whose = { session: person.credential, email: person.email, name: person.name };
  return passkeyOptions(db, clock, siteOf(publicUrl), whose);
}

/** Keeps the passkey that the browser made; whoever let this person in counts as one with what it signs. */
export async function registerPasskey(
  control: Control,
  person: PersonCaller,
  publicUrl: string,
  wanted: { readonly name: string; readonly attestation: Attestation },
): Promise<{ readonly id: string; readonly entry: string }> {
  await requireFreshSession(control, person);
  const { db, clock } = control.parts;
  const challenge = await takeChallenge(db, person.credential, clock.now());
  if (challenge === undefined)
    throw new Problem("conflict", "no passkey is being registered here, or it took too long", { help: "begin again" });
  const made = await readPasskey(wanted.attestation, challenge, siteOf(publicUrl));
  const { vouchedBy } = handsOf(person);
  let id = "";
  const entry = await govern(control, {
    kind: "credential",
    person: person.email,
    payload: {
      deed: "registered a passkey",
      name: wanted.name,
      credential: made.credential,
      publicKey: made.jwk,
      backedUp: made.backedUp,
      vouchedBy,
    },
    raises: false,
    change: async (tx) => {
      const added = await addPasskey(tx, clock, { person: person.email, vouchedBy, name: wanted.name, made });
      id = added.id;
    },
  });
  return { id, entry };
}

async function requireFreshSession(control: Control, person: PersonCaller): Promise<void> {
  if (person.method === "cli")
    throw new Problem("forbidden", "a passkey is registered in a browser", { help: "log in there first" });
  const session = await sessionOf(control.parts.db, person.credential);
  if (session?.parent !== undefined)
    throw new Problem("forbidden", "this browser was let in by your own command line", {
      help: "a passkey takes a login that somebody else, or the identity provider, let in",
    });
  if (session === undefined || control.parts.clock.now() - session.createdAtMs > freshMs)
    throw new Problem("forbidden", "you logged in too long ago to register a passkey", {
      help: "log in again: it is done within ten minutes of logging in",
    });
}
