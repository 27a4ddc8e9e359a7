import type { Asked, Asking } from "./veto.ts";

/** Leases the credential for this one request and gives it back with it. */
export async function withCredential(
  asking: Asking,
  ask: (authorization: { readonly authorization?: string }) => Promise<Asked>,
): Promise<Asked> {
  let lease: Awaited<ReturnType<Asking["credential"]>>;
  try {
    lease = await asking.credential();
  } catch {
    return { fault: "its credential could not be had from the secret store" };
  }
  try {
    return await ask(lease === undefined ? {} : { authorization: `Bearer ${lease.value.reveal()}` });
  } finally {
    await lease?.release();
  }
}
