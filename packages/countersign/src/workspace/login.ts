import { z } from "zod";
import { nameSchema } from "../workflows/index.ts";
import { credentialNameSchema, outsideAddressSchema } from "./outside-address.ts";

const claimName = z.string().min(1).max(200).meta({ description: "the name of a claim" });
const claimValue = z.string().min(1).max(300).meta({ description: "a value of the groups claim, exactly" });

/** What somebody may be who is in no file: never one who changes what is in force. */
export const newcomerRoles = ["viewer", "approver", "auditor"] as const;

/** OpenID Connect: who vouches for people's logins, and what of their claims counts here. */
const providerSchema = z
  .strictObject({
    issuer: outsideAddressSchema,
    clientId: z.string().min(1).max(300).meta({ description: "as it was registered there" }),
    credential: credentialNameSchema
      .exactOptional()
      .meta({ description: "the name of a kept secret, such as `oidc/client`" }),
    scopes: z
      .array(z.string().regex(/^[!-~]{1,200}$/))
      .max(50)
      .default(["openid", "email", "profile"])
      .refine((scopes) => scopes.includes("openid"), { error: "without `openid` nobody is named" })
      .meta({ description: "a list of scopes; `openid` is one of them" }),
    claims: z
      .strictObject({
        email: claimName.default("email"),
        /** Entra ID says it in `xms_edov`. */
        verified: claimName.default("email_verified"),
        name: claimName.default("name"),
        groups: claimName.default("groups"),
      })
      .prefault({})
      .meta({ description: "which claims say who it is: `email`, `verified`, `name` and `groups`" }),
    groups: z
      .array(
        z
          .strictObject({ claim: claimValue, group: nameSchema })
          .meta({ description: "`claim`, and the `group` that it puts people into" }),
      )
      .max(1000)
      .default([])
      .meta({ description: "a list of groups by claim; they replace those of the login before" }),
    newcomers: z
      .array(
        z
          .strictObject({
            claim: claimValue,
            roles: z
              .array(
                z
                  .enum(newcomerRoles)
                  .meta({ description: `one of ${newcomerRoles.map((r) => `\`${r}\``).join(", ")}` }),
              )
              .min(1)
              .meta({ description: "a list of one or more roles" }),
          })
          .meta({ description: "`claim`, and the `roles` of whoever has it and is not under `people`" }),
      )
      .max(100)
      .default([])
      .meta({ description: "who may come in without being under `people`; nobody, where it is empty" }),
  })
  .meta({ description: "an OpenID Connect provider: `issuer`, `clientId`, `credential`" });

export const loginSchema = z
  .strictObject({
    provider: providerSchema.exactOptional(),
    links: z.enum(["everyone", "admins"]).exactOptional().meta({
      description:
        "who may log in by a one-time link beside the provider: `everyone` or `admins`; by default `admins`, and `everyone` on this very machine",
    }),
  })
  .meta({ description: "how people log in: `provider`, and who may still use one-time `links`" });

export type LoginSettings = z.output<typeof loginSchema>;
export type ProviderSettings = z.output<typeof providerSchema>;

/** Who may log in by a one-time link. An admin always may: a provider that is down must not lock everybody out. */
export function linksFor({
  login,
  server,
}: {
  readonly login: LoginSettings;
  readonly server: { readonly publicUrl?: string };
}): "everyone" | "admins" {
  if (login.provider === undefined) return "everyone";
  if (login.links !== undefined) return login.links;
  const host = server.publicUrl === undefined ? "localhost" : new URL(server.publicUrl).hostname;
  return host === "localhost" || host.startsWith("127.") ? "everyone" : "admins";
}
