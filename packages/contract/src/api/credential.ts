import { z } from "zod";
import { email, idOf, jsonObject, name, reason, time, workload } from "./text.ts";

const account = {
  environment: name.meta({ description: "one account for each agent and environment" }),
  onBehalfOf: email.exactOptional().meta({ description: "the person whom the agent acts for with it" }),
  note: z.string().max(200).exactOptional(),
  expiresInMs: z.int().min(1000).max(31_536_000_000).exactOptional(),
};

export const keyBody = z.strictObject(account);
export const publicKeyBody = z.strictObject({ ...account, jwk: jsonObject });

/** The key stands here once and nowhere else. */
export const keyShown = z.strictObject({
  credential: idOf("key"),
  key: z.string(),
  expiresAt: time,
  replaces: z.string().exactOptional(),
  observedUntil: z.string().exactOptional().meta({
    description: "the last day on which the agent's workflow is only observed: until then its rules do not bite",
  }),
});
export const publicKeyMade = z.strictObject({ credential: idOf("key") });
export const revokeBody = z.strictObject({ because: reason });
export const credentialQuery = z.strictObject({ subject: z.string().min(1).max(254).exactOptional() });
export const credentials = z.strictObject({
  credentials: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(["agent_key", "agent_jwk", "agent_workload", "person_token"]),
      subject: z.string(),
      environment: z.string().nullable(),
      onBehalfOf: z.string().nullable(),
      note: z.string(),
      createdAtMs: z.number(),
      createdBy: z.string(),
      expiresAtMs: z.number(),
      lastUsedAtMs: z.number().nullable(),
      revokedAtMs: z.number().nullable(),
    }),
  ),
});

const loginLink = z.string().min(1).max(200).meta({ description: "the text of a login link" });
export const linkMade = z.strictObject({ url: z.string(), expiresAt: time });
export const cliBody = z.strictObject({ link: loginLink, note: z.string().max(200).default("") });
export const cliMade = z.strictObject({ person: z.string(), key: z.string(), expiresAt: time });
/** Where to go after logging in: a path of this server. */
const nextPath = z
  .string()
  .max(300)
  .regex(/^\/(?!\/)[A-Za-z0-9_./-]*$/)
  .meta({ description: "a path of this server, such as `/approvals/act_…`" });
export const loginQuery = z.strictObject({ link: loginLink.exactOptional(), next: nextPath.exactOptional() });
export const providerForm = z.strictObject({ next: nextPath.default("/") });
/** `providerUrl`: where the login at the identity provider is ended, too. */
export const loggedOut = z.strictObject({ receipt: z.string(), providerUrl: z.string().exactOptional() });
export const loginForm = z.strictObject({ link: loginLink });

/** Who is asking. `csrf` goes into `x-countersign-csrf` with each change of a console session. */
export const me = z.union([
  z.strictObject({
    kind: z.literal("agent"),
    agent: z.string(),
    workflow: z.string(),
    owner: z.string(),
    dri: z.string(),
    tier: z.int(),
    environment: z.string().nullable(),
    onBehalfOf: z.string().nullable(),
    workload: workload.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("person"),
    email: z.string(),
    name: z.string(),
    roles: z.array(z.string()),
    groups: z.array(z.string()),
    method: z.string(),
    /** Who made the link that this login began with: where two people are asked for, they count as one with this one. */
    vouchedBy: z.array(z.string()),
    csrf: z.string().nullable(),
    singlePerson: z.boolean().meta({ description: "the organisation is one person: nobody is asked for a second one" }),
  }),
]);
