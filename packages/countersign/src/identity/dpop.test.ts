import { calculateJwkThumbprint, exportJWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { sha256 } from "../floor/digest.ts";
import { authenticate } from "./authenticate.ts";
import { readProof, SeenProofs } from "./dpop.ts";
import { exchange } from "./exchange.ts";
import { registerPublicKey } from "./register-public-key.ts";
import {
  HandClock,
  keyPair,
  mcp,
  openReplica,
  publicUrl,
  signAssertion,
  testSealer,
  tokenForm,
} from "./world.fixture.ts";

const nowMs = 1_790_000_000_000;
const key = await keyPair("ES256");
const jkt = await calculateJwkThumbprint(key.jwk);
const use = { method: "POST", url: `${mcp}?x=1`, nowMs };
let serial = 0;

function sign(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}, pair = key): Promise<string> {
  serial += 1;
  return new SignJWT({ htm: "POST", htu: mcp, iat: nowMs / 1000, jti: `p${serial}`, ...claims })
    .setProtectedHeader({ alg: pair.alg, typ: "dpop+jwt", jwk: pair.jwk, ...header })
    .sign(pair.privateKey);
}

describe("a proof", () => {
  it("names the key that signed it for this request", async () => {
    expect(await readProof(await sign(), use, new SeenProofs())).toBe(jkt);
    expect(
      await readProof(
        await sign({ ath: sha256("tok").toString("base64url") }),
        { ...use, token: "tok" },
        new SeenProofs(),
      ),
    ).toBe(jkt);
  });

  it("does not hold for anything else", async () => {
    const other = await keyPair("ES256");
    const bad: [string, Record<string, unknown>, Record<string, unknown>][] = [
      ["another method", { htm: "GET" }, {}],
      ["another path", { htu: `${publicUrl}/v1` }, {}],
      ["another host", { htu: "https://other.example/mcp" }, {}],
      ["an address that is none", { htu: "mcp" }, {}],
      ["too old", { iat: nowMs / 1000 - 61 }, {}],
      ["too new", { iat: nowMs / 1000 + 61 }, {}],
      ["no time", { iat: undefined }, {}],
      ["no jti", { jti: undefined }, {}],
      ["a token's hash where there is no token", { ath: sha256("tok").toString("base64url") }, {}],
      ["another type", {}, { typ: "JWT" }],
      ["no key", {}, { jwk: undefined }],
      ["another's key", {}, { jwk: other.jwk }],
      ["a private key", {}, { jwk: await exportJWK(key.privateKey) }],
      ["a shared secret", {}, { jwk: { kty: "oct", k: "AAAA" } }],
    ];
    for (const [why, claims, header] of bad) {
      expect(await readProof(await sign(claims, header), use, new SeenProofs()), why).toBeUndefined();
    }
    for (const ath of [undefined, sha256("other").toString("base64url")]) {
      expect(await readProof(await sign({ ath }), { ...use, token: "tok" }, new SeenProofs())).toBeUndefined();
    }
    expect(await readProof("x".repeat(9000), use, new SeenProofs())).toBeUndefined();
  });

  it("is good once; what is remembered is bounded, for each key too", async () => {
    const seen = new SeenProofs();
    const text = await sign();
    expect(await readProof(text, use, seen)).toBe(jkt);
    expect(await readProof(text, use, seen)).toBeUndefined();
    const small = new SeenProofs(3, 2);
    expect([small.add("a", "1", 0), small.add("a", "2", 0), small.add("a", "3", 0)]).toEqual([true, true, false]);
    expect([small.add("b", "1", 0), small.add("c", "1", 0)]).toEqual([true, false]);
    expect(small.add("a", "3", 120_000)).toBe(true);
  });
});

describe("a bound token", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  it("opens with its key's proof and not without; an unbound one is not used as a bound one", async () => {
    const clock = new HandClock();
    const agentKey = await keyPair();
    const wanted = { agent: "reply-bot", environment: "production", jwk: agentKey.jwk, by: "ana@acme.example" };
    await database.db.transaction((tx) => registerPublicKey(tx, clock, wanted));
    const replica = await openReplica(database.db, clock, testSealer());
    const get = async (proof?: string) => {
      const ctx = replica.tokenDoor(proof === undefined ? {} : { proof });
      const answer = await database.db.transaction(async (tx) =>
        exchange(tx, clock, tokenForm(await signAssertion(clock, agentKey)), ctx),
      );
      return answer.status === 200 ? answer.body : { access_token: "", token_type: answer.body.error };
    };
    const bound = await get(await sign({ htu: `${publicUrl}/oauth/token` }));
    expect(bound.token_type).toBe("DPoP");
    expect((await get(await sign())).token_type).toBe("invalid_dpop_proof");
    const ath = (text: string) => ({ ath: sha256(text).toString("base64url") });
    const enter = (authorization: string, dpop?: string) =>
      authenticate({ authorization, dpop }, replica.door()).then(
        () => "in",
        (problem) => problem.code,
      );
    const text = bound.access_token;
    expect(await enter(`DPoP ${text}`, await sign(ath(text)))).toBe("in");
    expect(await enter(`DPoP ${text}`)).toBe("not_authenticated");
    expect(await enter(`Bearer ${text}`)).toBe("not_authenticated");
    expect(await enter(`Bearer ${text}`, await sign(ath(text)))).toBe("not_authenticated");
    expect(await enter(`DPoP ${text}`, await sign(ath(text), {}, await keyPair("ES256")))).toBe("not_authenticated");
    const plain = (await get()).access_token;
    expect(await enter(`Bearer ${plain}`)).toBe("in");
    expect(await enter(`DPoP ${plain}`, await sign(ath(plain)))).toBe("not_authenticated");
  });
});
