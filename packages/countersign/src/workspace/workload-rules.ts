import { z } from "zod";
import type { ClaimRule } from "../identity/index.ts";
import { nameSchema } from "../workflows/index.ts";
import { outsideAddressSchema } from "./outside-address.ts";

/** Those of which the server asks by itself. */
const ownClaims = ["iss", "aud", "exp", "nbf", "iat", "jti"];

const claimName = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/)
  .meta({ description: "the name of a claim" });

const exactText = z.string().min(1).max(1024).meta({ description: "the claim's value, exactly" });

/** What a prefix may stand for has to be narrower than what many strangers share. */
const prefixText = z
  .string()
  .max(1024)
  .meta({ description: "how the claim begins, up to a `:` or `/`" })
  .superRefine((text, context) => {
    const wrong = wrongPrefix(text);
    if (wrong !== undefined) context.addIssue({ code: "custom", message: wrong });
  });

function wrongPrefix(text: string): string | undefined {
  if (!/[:/]$/.test(text)) return "a prefix ends with `:` or `/`: else it also begins other names";
  // One word alone, such as `repo:` or `spiffe://`, says what kind of name follows, and not whose.
  const isWide = /^([^:/]*[:/]+|system:serviceaccount:+)$/.test(text);
  return isWide ? "this prefix fits everybody whom the issuer vouches for" : undefined;
}

const claimsSchema = z
  .record(
    claimName,
    z
      .union([
        exactText,
        z.boolean().meta({ description: "`true` or `false`" }),
        z.strictObject({ prefix: prefixText }).meta({ description: "`{ prefix: … }`" }),
      ])
      .meta({ description: "a value, exactly; for `sub` also `{ prefix: … }`" }),
  )
  .meta({ description: "a map from a claim's name to its value; `sub` is one of them" })
  .superRefine((claims, context) => {
    const own = Object.hasOwn(claims, "sub") ? claims.sub : undefined;
    if (typeof own !== "string" && typeof own !== "object")
      context.addIssue({
        code: "custom",
        message: "without `sub` anybody whom the issuer vouches for would be this agent",
      });
    for (const [name, value] of Object.entries(claims)) {
      const wrong = wrongClaim(name, value);
      if (wrong !== undefined) context.addIssue({ code: "custom", message: wrong, path: [name] });
    }
  })
  .transform((claims): readonly ClaimRule[] =>
    Object.entries(claims)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => (typeof value === "object" ? { name, prefix: value.prefix } : { name, is: value })),
  );

function wrongClaim(name: string, value: string | boolean | { readonly prefix: string }): string | undefined {
  if (ownClaims.includes(name)) return "this claim is checked by itself: leave it out";
  if (typeof value === "object" && name !== "sub") return "only `sub` may be known by its beginning";
  const text = typeof value === "object" ? value.prefix : value;
  return typeof text === "string" && /[*?]/.test(text)
    ? "`*` and `?` are no wildcards here: a value is meant exactly"
    : undefined;
}

const trustedIssuerSchema = z
  .strictObject({
    issuer: outsideAddressSchema,
    environment: nameSchema.meta({ description: "the environment in which the agent acts with it" }),
    audience: z.string().min(1).max(2000).exactOptional().meta({
      description: "whom the tokens are for; by default this server's public address, which is the safe choice",
    }),
    claims: claimsSchema,
    reusable: z.boolean().default(false).meta({
      description: "`true`: one token may be brought again while it lives, with the same proof key (DPoP) each time",
    }),
    note: z.string().min(1).max(200).exactOptional().meta({ description: "a few words" }),
  })
  .meta({ description: "a trusted issuer and what its tokens say: `issuer`, `environment` and `claims`" });

export const identitySchema = z
  .array(trustedIssuerSchema)
  .min(1)
  .max(20)
  .meta({ description: "whose tokens the agent's own runtime is known by: a list of issuers with claims" });
