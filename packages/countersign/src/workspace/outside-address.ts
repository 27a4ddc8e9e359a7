import { z } from "zod";

const loopback = /^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])$/;

/** An address that we send to: with TLS, or on this very machine. Link-local addresses, where clouds keep machines' credentials, are none. */
export const outsideAddressSchema = addressSchema(
  "an address with `https://`, or with `http://` on this machine",
  loopback,
);

/** The same where what is answered is signed: without TLS, too. */
export const signedAddressSchema = addressSchema("an address with `https://` or `http://`", /^/);

/** `clear`: hosts that are asked without TLS. */
function addressSchema(description: string, clear: RegExp) {
  return z
    .string()
    .max(2000)
    .meta({ description })
    .superRefine((text, context) => {
      const wrong = wrongAddress(text, clear);
      if (wrong !== undefined) context.addIssue({ code: "custom", message: wrong });
    });
}

function wrongAddress(text: string, clear: RegExp): string | undefined {
  if (!URL.canParse(text)) return "this is not an address";
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "the address does not start with `https://`";
  if (url.protocol === "http:" && !clear.test(url.hostname)) return "without TLS only this machine is safe";
  if (url.username !== "" || url.password !== "") return "an address may not hold a name or password";
  if (url.search !== "" || url.hash !== "") return "the address has more than a path";
  return /^(169\.254\.|\[fe[89ab])/.test(url.hostname) ? "a link-local address is not asked" : undefined;
}

/** A secret by its name in the store: the value is sent as a bearer token, to this address only. */
export const credentialNameSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._/-]{0,126}[a-z0-9])?$/)
  .refine((name) => !name.startsWith("connection/") && !name.includes("..") && !name.includes("//"), {
    error: "this secret cannot be named here",
  })
  .meta({ description: "the name of a secret in the store, such as `opa/key`; sent as a bearer token" });
