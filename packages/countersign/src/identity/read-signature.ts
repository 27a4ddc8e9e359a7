import { type ApprovalBound, approvalChallenge, type PasskeyProof, passkeyFault } from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import type { Assertion, Passkey, Site } from "./passkey.ts";
import { passkeyByCredential } from "./passkey-sql.ts";

/** A passkey's signature of one approval, verified. */
export interface Signature {
  readonly passkey: Passkey;
  /** As it goes into the ledger. */
  readonly proof: PasskeyProof;
  /** The authenticator's counter with it. */
  readonly counter: number;
}

/**
 * Verifies that a passkey of this very person signed this very approval, with the person verified. Fails with `conflict`
 * where it signed something else, and with `forbidden` where it is not theirs or does not hold.
 */
export async function readSignature(
  tx: Tx,
  assertion: Assertion,
  bound: ApprovalBound,
  site: Site,
): Promise<Signature> {
  const passkey = await passkeyByCredential(tx, assertion.id);
  if (passkey === undefined)
    throw new Problem("forbidden", "this passkey is not registered here", { help: "register it, or use another one" });
  if (passkey.person !== bound.person) throw new Problem("forbidden", "this passkey is another person's");
  const { clientDataJSON, authenticatorData, signature } = assertion.response;
  const { credential, jwk: publicKey } = passkey;
  const proof = { credential, publicKey, clientDataJSON, authenticatorData, signature, ...site, nonce: bound.nonce };
  const fault = await passkeyFault(bound, proof);
  if (fault !== undefined) {
    const isOther = fault.startsWith("the passkey signed");
    throw new Problem(isOther ? "conflict" : "forbidden", fault, {
      help: isOther ? "the action or what you were shown has changed: look at it again" : "nothing was approved",
    });
  }
  const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
  const read = await verifyAuthenticationResponse({
    response: {
      id: assertion.id,
      rawId: assertion.rawId,
      type: "public-key",
      response: { clientDataJSON, authenticatorData, signature },
      clientExtensionResults: {},
    },
    expectedChallenge: await approvalChallenge(bound),
    expectedOrigin: site.origin,
    expectedRPID: site.rpId,
    requireUserVerification: true,
    credential: { id: credential, publicKey: new Uint8Array(passkey.publicKey), counter: passkey.counter },
  }).catch((cause: unknown) => {
    throw broken(cause);
  });
  if (!read.verified) throw broken(undefined);
  return { passkey, proof, counter: read.authenticationInfo.newCounter };
}

function broken(cause: unknown): Problem {
  return new Problem("forbidden", "the passkey's signature does not hold, or its counter did not rise", {
    help: "nothing was approved; if the passkey was copied, remove it",
    cause,
  });
}
