import type { Request } from "./shape.ts";

/** Signs the approval itself with the person's passkey, where it is asked for; undefined where it is not. */
export async function assertionFor(request: Request): Promise<unknown> {
  const { passkey } = request;
  if (!passkey.required) return undefined;
  const credential = await navigator.credentials.get({
    publicKey: {
      challenge: bytesOf(passkey.challenge ?? ""),
      allowCredentials: passkey.allowCredentials.map(({ id }) => ({ type: "public-key", id: bytesOf(id) })),
      ...(passkey.rpId === undefined ? {} : { rpId: passkey.rpId }),
      userVerification: "required",
      timeout: 60_000,
    },
  });
  if (!(credential instanceof PublicKeyCredential)) throw new Error("no passkey answered");
  return credential.toJSON();
}

/** Base64url, as the server writes it. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (one) => one.charCodeAt(0));
}
