import { z } from "zod";
import { email, idOf, time } from "./text.ts";

const base64url = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[A-Za-z0-9_-]+$/)
    .meta({ description: "base64url without padding" });

const transports = z.array(z.string().min(1).max(40)).max(10);
export const passkeyId = idOf("psk");

/** What `navigator.credentials.get()` answered, as `PublicKeyCredential.toJSON()` writes it. */
export const assertion = z
  .object({
    id: base64url(2000),
    rawId: base64url(2000),
    type: z.literal("public-key"),
    response: z.object({
      clientDataJSON: base64url(20_000),
      authenticatorData: base64url(20_000),
      signature: base64url(20_000),
      userHandle: base64url(200).nullish(),
    }),
  })
  .meta({ description: "what `navigator.credentials.get()` answered, as `toJSON()` writes it" });

/** What `navigator.credentials.create()` answered, in the same way. */
const attestation = z
  .object({
    id: base64url(2000),
    rawId: base64url(2000),
    type: z.literal("public-key"),
    response: z.object({
      clientDataJSON: base64url(20_000),
      attestationObject: base64url(60_000),
      transports: transports.exactOptional(),
    }),
  })
  .meta({ description: "what `navigator.credentials.create()` answered, as `toJSON()` writes it" });

/** For `navigator.credentials.create()`, as `PublicKeyCredential.parseCreationOptionsFromJSON()` takes it. */
export const passkeyOptions = z.looseObject({
  challenge: z.string(),
  rp: z.looseObject({ id: z.string().exactOptional(), name: z.string() }),
  user: z.looseObject({ id: z.string(), name: z.string(), displayName: z.string() }),
});

export const passkeyBody = z.strictObject({
  name: z.string().min(1).max(100).meta({ description: "what you call it, such as `phone`" }),
  attestation,
});
export const passkeyMade = z.strictObject({ id: passkeyId, receipt: z.string() });
export const passkeys = z.strictObject({
  passkeys: z.array(
    z.strictObject({
      id: passkeyId,
      person: z.string(),
      name: z.string(),
      alg: z.string(),
      /** Whether the device's maker keeps a copy. */
      backedUp: z.boolean(),
      createdAt: time,
      lastUsedAt: time.nullable(),
      /** Who let its owner in when it was registered: what it signs counts as theirs too. */
      vouchedBy: z.array(z.string()),
    }),
  ),
});
export const passkeyQuery = z.strictObject({
  person: email.exactOptional().meta({ description: "whose; without it your own" }),
});

/** What an approval asks of a passkey. */
export const approvalPasskey = z.strictObject({
  required: z.boolean().meta({ description: "without a passkey's signature your approval is refused" }),
  rpId: z.string().exactOptional(),
  /** Of your approval of what you were shown now; good for one answer. Absent where it is not yours to answer. */
  challenge: z.string().exactOptional(),
  allowCredentials: z.array(
    z.strictObject({ type: z.literal("public-key"), id: z.string(), transports: z.array(z.string()) }),
  ),
});
