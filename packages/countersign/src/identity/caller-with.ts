import { asCaller } from "./authenticate.ts";
import type { Caller } from "./caller.ts";
import { type CredentialSet, liveCredential } from "./credentials.ts";
import type { Directory } from "./directory.ts";

/** Who an agent's credential would let in now; undefined where it is not live. Fails as a call with it would. */
export function callerWith(
  directory: Directory,
  set: CredentialSet,
  credential: string,
  nowMs: number,
): Caller | undefined {
  const key = liveCredential(set, credential, nowMs);
  return key === undefined || key.kind === "person_token" ? undefined : asCaller(directory, key);
}
