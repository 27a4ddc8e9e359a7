import { z } from "zod";
import { idOf, name, time } from "./text.ts";

export const consentId = idOf("cns");
export const connectionId = idOf("con");
/** A server's name, as its tools file writes it. */
export const serverName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/)
  .meta({ description: "an upstream server's name" });

export const connectBody = z.strictObject({
  workflow: name.exactOptional().meta({ description: "for which workflow, where connections are a workflow's" }),
});

const about = {
  server: z.string(),
  /** Null where it is the person's own. */
  workflow: z.string().nullable(),
  person: z.string(),
};

export const begun = z.strictObject({
  id: consentId,
  ...about,
  /** What the person opens in a browser. */
  url: z.string(),
  /** What has to be registered at the authorization server. */
  redirectUri: z.string(),
  expiresAt: time,
  receipt: z.string(),
});

/** How far it is, for the one who began it. */
export const consent = z.strictObject({
  id: consentId,
  ...about,
  state: z.enum(["open", "asks for its code", "at the upstream", "connected", "denied", "failed", "expired"]),
  because: z.string().nullable(),
  connection: z.string().nullable(),
  expiresAt: time,
});

export const codeBody = z.strictObject({
  code: z.string().min(1).max(40).meta({ description: "what the browser shows" }),
});

export const connections = z.strictObject({
  connections: z.array(
    z.strictObject({
      id: connectionId,
      server: z.string(),
      /** Whose it is: a workflow's or a person's. */
      workflow: z.string().nullable(),
      person: z.string().nullable(),
      issuer: z.string(),
      scope: z.string(),
      connectedBy: z.string(),
      connectedAt: time,
      /** When the access token ends; null where its server does not say. */
      tokenUntil: time.nullable(),
      /** Whether it is renewed by itself. */
      renewable: z.boolean(),
      renewedAt: time.nullable(),
      /** Why it has to be made again; null where it works. */
      needsConnecting: z.string().nullable(),
    }),
  ),
});

export const disconnected = z.strictObject({
  receipt: z.string(),
  revoked: z.enum(["revoked", "no endpoint", "failed"]),
});

/** What an authorization server sends a browser back with; it may add what it likes. */
export const callbackQuery = z.looseObject({
  state: z.string().min(1).max(200).exactOptional(),
  code: z.string().min(1).max(8192).exactOptional(),
  error: z.string().min(1).max(200).exactOptional(),
  iss: z.string().min(1).max(2000).exactOptional(),
});
