import { generateIdentity, identityToRecipient } from "age-encryption";

/** A fresh age identity, with the recipient that it opens for. */
export async function makeIdentity(): Promise<{ readonly identity: string; readonly recipient: string }> {
  const identity = await generateIdentity();
  return { identity, recipient: await identityToRecipient(identity) };
}
