import { spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleOf, TestLog, testKey } from "../vectors/log.ts";
import {
  type ApprovalBound,
  answerFault,
  approvalChallenge,
  type Json,
  type PasskeyKey,
  type PasskeyProof,
  passkeyFault,
  verifyBundle,
} from "./index.ts";

const bound: ApprovalBound = {
  action: "act_00000000000000000000000000",
  callDigest: `sha256:${"c".repeat(64)}`,
  shownDigest: `sha256:${"5".repeat(64)}`,
  person: "ana@acme.example",
  nonce: "bm9uY2U",
};
const rpId = "countersign.example.com";
const origin = `https://${rpId}`;

interface Device {
  readonly publicKey: PasskeyKey;
  readonly key: KeyObject;
}

function device(alg: PasskeyKey["alg"]): Device {
  const pair =
    alg === "ES256"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : alg === "EdDSA"
        ? generateKeyPairSync("ed25519")
        : generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = pair.publicKey.export({ format: "jwk" });
  return { publicKey: { ...jwk, alg } as PasskeyKey, key: pair.privateKey };
}

interface Doubt {
  readonly challenge?: string;
  readonly flags?: number;
  readonly type?: string;
  readonly site?: string;
  readonly from?: string;
  readonly crossOrigin?: boolean;
}

/** What an authenticator answers, made by hand (WebAuthn level 3, 6.3.3 and 7.2). */
async function proofOf({ key, publicKey }: Device, doubt: Doubt = {}): Promise<PasskeyProof> {
  const challenge = doubt.challenge ?? (await approvalChallenge(bound));
  const client = {
    type: doubt.type ?? "webauthn.get",
    challenge,
    origin: doubt.from ?? origin,
    crossOrigin: doubt.crossOrigin ?? false,
  };
  const clientData = Buffer.from(JSON.stringify(client));
  const site = createHash("sha256")
    .update(doubt.site ?? rpId)
    .digest();
  const authenticator = Buffer.concat([site, Buffer.from([doubt.flags ?? 0x05]), Buffer.alloc(4)]);
  const message = Buffer.concat([authenticator, createHash("sha256").update(clientData).digest()]);
  const signature = sign(publicKey.alg === "EdDSA" ? null : "sha256", message, key);
  const text = (bytes: Buffer) => bytes.toString("base64url");
  return {
    credential: "Y3JlZGVudGlhbA",
    publicKey,
    clientDataJSON: text(clientData),
    authenticatorData: text(authenticator),
    signature: text(signature),
    rpId,
    origin,
    nonce: bound.nonce,
  };
}

describe("a passkey's signature of an approval", () => {
  it.each(["ES256", "EdDSA", "RS256"] as const)("holds for %s, and not for another key", async (alg) => {
    const mine = device(alg);
    // ECDSA's numbers are now and then shorter than 32 bytes, or longer by a sign byte.
    for (let n = 0; n < 64; n++) expect(await passkeyFault(bound, await proofOf(mine))).toBeUndefined();
    const proof = { ...(await proofOf(mine)), publicKey: device(alg).publicKey };
    expect(await passkeyFault(bound, proof)).toBe("the passkey's signature does not hold");
  });

  it("is over exactly one approval: nothing that it binds can be changed", async () => {
    const proof = await proofOf(device("ES256"));
    for (const [member, value] of Object.entries(bound)) {
      const other = { ...bound, [member]: String(value).replace(/.$/, (last) => (last === "0" ? "1" : "0")) };
      expect(await passkeyFault(other, proof), member).toMatch(/^the passkey signed /);
    }
  });

  it.each<[string, Doubt, string]>([
    ["nobody was verified", { flags: 0x01 }, "the passkey did not verify who used it"],
    ["nobody was there", { flags: 0x04 }, "nobody touched the passkey"],
    ["it is a registration", { type: "webauthn.create" }, "the passkey's answer is not a signature of an approval"],
    ["it signed another challenge", { challenge: "bm8" }, "the passkey signed something else than this approval"],
    ["it is for another site", { site: "evil.example" }, "the passkey is for another site"],
    ["another page asked it", { from: "https://evil.example" }, "the passkey was asked by another site"],
    ["a frame of another page asked it", { crossOrigin: true }, "the passkey was asked by another site"],
  ])("is refused where %s", async (_, doubt, sentence) => {
    expect(await passkeyFault(bound, await proofOf(device("ES256"), doubt))).toBe(sentence);
  });

  it("is refused where it is torn", async () => {
    const proof = await proofOf(device("ES256"));
    const last = proof.signature.at(-1) === "A" ? "B" : "A";
    for (const torn of [
      { signature: `${proof.signature.slice(0, -1)}${last}` },
      { signature: "" },
      { signature: "*" },
      { signature: `AEUC${proof.signature.slice(4)}` },
      { authenticatorData: "AAAA" },
      { clientDataJSON: Buffer.from("{").toString("base64url") },
      { clientDataJSON: Buffer.from('{"type":"webauthn.get","type":"webauthn.get"}').toString("base64url") },
      { publicKey: { kty: "EC", alg: "ES256", crv: "P-256", x: "AA", y: "AA" } as const },
      { publicKey: { ...proof.publicKey, alg: "none" } as never },
    ])
      expect(await passkeyFault(bound, { ...proof, ...torn }), JSON.stringify(torn)).toBeTypeOf("string");
  });
});

describe("a receipt with a signature", () => {
  const { action: subject, person, callDigest, shownDigest } = bound;
  const script = new URL("../verifiers/verify.py", import.meta.url).pathname;
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "passkey-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What both verifiers say; they share no code. */
  async function verified(answer: Json) {
    const key = await testKey("log.example", 7);
    const log = new TestLog("log.example");
    await log.append("w1", subject, ["submitted", null, "received"], {});
    await log.append("w1", subject, ["held", "received", "held"], {});
    await log.append("w1", subject, ["approved", "held", "held"], { answer }, { person });
    const note = await log.note([key]);
    const trust = { origin: "log.example", keys: [{ vkey: key.vkey, from: 0 }] };
    const bundle = await bundleOf(await log.receipt(subject, note), key);
    const said = await verifyBundle(new TextEncoder().encode(bundle), trust);
    writeFileSync(join(folder, "bundle"), bundle);
    writeFileSync(join(folder, "trust"), JSON.stringify(trust));
    const args = [script, "--json", "--trust", join(folder, "trust"), join(folder, "bundle")];
    const [other] = JSON.parse(spawnSync("python3", args, { encoding: "utf8" }).stdout);
    const codes = ({ problems }: { problems: readonly { code: string; at: string; sentence: string }[] }) =>
      problems.map(({ code, at, sentence }) => ({ code, at, sentence }));
    expect(codes(other)).toEqual(codes(said));
    return said;
  }

  it("MT-150 says of broken glass that it was broken: a signature of an approval among others is none of that", async () => {
    const mine = device("ES256");
    const alone = await proofOf(mine, { challenge: await approvalChallenge({ ...bound, verdict: "break-glass" }) });
    const among = await proofOf(mine);
    const breakGlass = { id: "gls_00000000000000000000000000", until: "2026-11-27T03:00:00Z", missing: [] };
    const given = { person, verdict: "approve", callDigest, shownDigest };
    const said = async (answer: object) => (await verified(answer as Json)).problems.map(({ code }) => code);
    expect(await said({ ...given, passkey: alone, breakGlass })).toEqual([]);
    expect(await said({ ...given, passkey: among })).toEqual([]);
    expect(await said({ ...given, passkey: among, breakGlass })).toEqual(["passkey"]);
    expect(await said({ ...given, passkey: alone })).toEqual(["passkey"]);
  });

  it("verifies offline, and says so where its log wrote down a signature that is none", async () => {
    const mine = device("ES256");
    const passkey = await proofOf(mine);
    const answer = { person, verdict: "approve", callDigest, shownDigest, passkey } as unknown as Json;
    expect(await verified(answer)).toMatchObject({ ok: true, problems: [] });
    for (const alg of ["ES256", "ES256", "ES256", "EdDSA", "RS256"] as const) {
      const proof = await proofOf(device(alg));
      expect(await verified({ ...(answer as object), passkey: proof } as unknown as Json)).toMatchObject({ ok: true });
      const stranger = { ...proof, publicKey: device(alg).publicKey };
      const { problems } = await verified({ ...(answer as object), passkey: stranger } as unknown as Json);
      expect(problems[0]?.sentence, alg).toMatch(/the passkey's signature does not hold$/);
    }
    for (const doubt of [
      { flags: 1 },
      { flags: 4 },
      { site: "x" },
      { from: "https://x" },
      { type: "x" },
      { challenge: "x" },
    ])
      expect(
        (await verified({ ...(answer as object), passkey: await proofOf(mine, doubt) } as unknown as Json)).ok,
      ).toBe(false);
    for (const torn of [
      null,
      1,
      {},
      { ...passkey, rpId: 1 },
      { ...passkey, signature: "=" },
      { ...passkey, publicKey: null },
    ])
      expect((await verified({ ...(answer as object), passkey: torn } as unknown as Json)).ok).toBe(false);
    const other = `sha256:${"0".repeat(64)}`;
    for (const change of [
      { callDigest: other },
      { shownDigest: other },
      { verdict: "deny" },
      { person: "bo@acme.example" },
    ]) {
      const { ok, problems } = await verified({ ...(answer as object), ...change } as Json);
      expect([ok, problems.map(({ code }) => code)], JSON.stringify(change)).toEqual([false, ["passkey"]]);
    }
    const unlike = await verified({
      ...(answer as object),
      passkey: { ...passkey, nonce: "b3RoZXI" },
    } as unknown as Json);
    expect(unlike.problems).toMatchObject([{ code: "passkey", at: "/predicate/entries/2" }]);
    expect(await answerFault({ subject, person }, { answer: { passkey: 1 } })).toBe(
      "the passkey's answer cannot be read",
    );
    expect(await answerFault({ subject, person }, { answer: { person } })).toBeUndefined();
  });
});
