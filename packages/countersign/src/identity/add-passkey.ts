import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { oneLine } from "./account.ts";
import { type Attestation, jwkOfCose, type Passkey, passkeyAlgorithms, type Site } from "./passkey.ts";
import { insertPasskey, listPasskeys } from "./passkey-sql.ts";

const mostPerPerson = 10;

/** What came of a browser's answer, before anything is written. */
export type MadePasskey = Pick<Passkey, "credential" | "publicKey" | "jwk" | "counter" | "transports" | "backedUp">;

/** Reads what a browser made of the options. Fails with `invalid` where it is not an answer to this challenge and site. */
export async function readPasskey(
  { id, rawId, response }: Attestation,
  challenge: string,
  site: Site,
): Promise<MadePasskey> {
  const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
  const { decodeCredentialPublicKey } = await import("@simplewebauthn/server/helpers");
  const read = await verifyRegistrationResponse({
    response: {
      id,
      rawId,
      type: "public-key",
      response: { clientDataJSON: response.clientDataJSON, attestationObject: response.attestationObject },
      clientExtensionResults: {},
    },
    expectedChallenge: challenge,
    expectedOrigin: site.origin,
    expectedRPID: site.rpId,
    requireUserVerification: true,
    supportedAlgorithmIDs: passkeyAlgorithms,
  }).catch((cause: unknown) => {
    throw refused(cause);
  });
  if (!read.verified) throw refused(undefined);
  const { credential, credentialBackedUp } = read.registrationInfo;
  const jwk = jwkOfCose(decodeCredentialPublicKey(credential.publicKey) as unknown as Map<number, unknown>);
  if (jwk === undefined) throw refused(undefined);
  return {
    credential: credential.id,
    publicKey: Buffer.from(credential.publicKey),
    jwk,
    counter: credential.counter,
    transports: (response.transports ?? []).map((one) => oneLine(one, 40)),
    backedUp: credentialBackedUp,
  };
}

function refused(cause: unknown): Problem {
  return new Problem("invalid", "the browser's answer is not a passkey for this site", {
    help: "ask for new options and begin again",
    at: "/attestation",
    cause,
  });
}

/** Keeps a passkey for a person. Fails with `conflict` where it is known, and with `too_many` beyond ten. */
export async function addPasskey(
  tx: Tx,
  clock: Clock,
  wanted: {
    readonly person: string;
    readonly vouchedBy: readonly string[];
    readonly name: string;
    readonly made: MadePasskey;
  },
): Promise<Passkey> {
  const { person, vouchedBy, made } = wanted;
  if ((await listPasskeys(tx, person)).length >= mostPerPerson)
    throw new Problem("too_many", `you have ${mostPerPerson} passkeys`, { help: "remove one that you do not use" });
  const nowMs = clock.now();
  const name = oneLine(wanted.name, 100);
  const passkey: Passkey = {
    id: newId("psk", nowMs),
    person,
    name,
    vouchedBy,
    createdAtMs: nowMs,
    lastUsedAtMs: undefined,
    ...made,
  };
  if (!(await insertPasskey(tx, passkey))) throw new Problem("conflict", "this passkey is registered here already");
  return passkey;
}
