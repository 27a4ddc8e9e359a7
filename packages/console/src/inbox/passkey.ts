import { CountersignProblem } from "@countersign/client";
import type { Request } from "./shape.ts";

/** Signs the approval itself with the person's passkey, where it is asked for; undefined where it is not. */
export async function assertionFor({ passkey }: Pick<Request, "passkey">): Promise<unknown> {
  if (!passkey.required) return undefined;
  if (!("credentials" in navigator))
    throw new CountersignProblem("invalid", "this browser takes passkeys only from pages that came over https", {
      help: "nothing was sent; open the console over https, or on the server's own machine",
    });
  const credential = await navigator.credentials
    .get({
      publicKey: {
        challenge: bytesOf(passkey.challenge ?? ""),
        allowCredentials: passkey.allowCredentials.map(({ id }) => ({ type: "public-key", id: bytesOf(id) })),
        ...(passkey.rpId === undefined ? {} : { rpId: passkey.rpId }),
        userVerification: "required",
        timeout: 60_000,
      },
    })
    .catch((cause: unknown) => {
      throw notUsed(cause);
    });
  if (!(credential instanceof PublicKeyCredential)) throw notUsed(undefined);
  return credential.toJSON();
}

/** Put away, run out of time, or refused by the browser: nothing was signed. */
function notUsed(cause: unknown): CountersignProblem {
  const name = cause instanceof DOMException ? cause.name : "NotAllowedError";
  const why = name === "NotAllowedError" || name === "AbortError" ? "" : ` (${name})`;
  return new CountersignProblem("invalid", `the passkey was not used${why}`, { help: "nothing was sent", cause });
}

/** Base64url, as the server writes it. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (one) => one.charCodeAt(0));
}
