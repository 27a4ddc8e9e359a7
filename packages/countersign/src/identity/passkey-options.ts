import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { sha256 } from "../floor/digest.ts";
import { freshBytes } from "../floor/id.ts";
import { passkeyAlgorithms, type Site } from "./passkey.ts";
import { listPasskeys, putChallenge } from "./passkey-sql.ts";

const challengeMs = 300_000;

/** What a browser is asked to make a passkey of; the challenge is this session's, for five minutes. */
export async function passkeyOptions(
  tx: Tx,
  clock: Clock,
  site: Site,
  whose: { readonly session: string; readonly email: string; readonly name: string },
): Promise<object> {
  const { generateRegistrationOptions } = await import("@simplewebauthn/server");
  const known = await listPasskeys(tx, whose.email);
  const options = await generateRegistrationOptions({
    rpName: "Countersign",
    rpID: site.rpId,
    userName: whose.email,
    userDisplayName: whose.name,
    userID: new Uint8Array(sha256(`countersign person ${whose.email}`)),
    challenge: new Uint8Array(freshBytes(32)),
    attestationType: "none",
    timeout: challengeMs,
    excludeCredentials: known.map(({ credential }) => ({ id: credential })),
    authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
    supportedAlgorithmIDs: passkeyAlgorithms,
  });
  await putChallenge(tx, whose.session, options.challenge, clock.now() + challengeMs);
  return options;
}
