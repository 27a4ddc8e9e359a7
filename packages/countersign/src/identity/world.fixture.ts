import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Db } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { FailedAttempts } from "./attempts.ts";
import type { AuthenticateContext } from "./authenticate.ts";
import type { Agent, Directory, Person } from "./directory.ts";
import { SeenProofs } from "./dpop.ts";
import type { ExchangeContext } from "./exchange.ts";
import { loadCredentials } from "./load-credentials.ts";
import { UseLog } from "./sighting.ts";
import { TokenCache } from "./token.ts";
import { loadTokenKeys, type Sealer } from "./token-key.ts";

/** Time that moves only when a test says so. */
export class HandClock implements Clock {
  #ms = 1_790_000_000_000;
  now(): number {
    return this.#ms;
  }
  tick(): number {
    return this.#ms - 1_700_000_000_000;
  }
  wait(ms: number): void {
    this.#ms += ms;
  }
}

const agent = (name: string, owner: string): Agent => ({
  name,
  owner,
  workflow: "replies",
  dri: "ana@acme.example",
  groups: ["bots"],
});
const person = (email: string, roles: Person["roles"], groups: readonly string[] = []): Person => ({
  email,
  name: email.slice(0, email.indexOf("@")),
  roles,
  groups,
});

export function directoryOf(agents: readonly Agent[], people: readonly Person[], singlePerson = false): Directory {
  return {
    agents: new Map(agents.map((one) => [one.name, one])),
    people: new Map(people.map((one) => [one.email, one])),
    singlePerson,
    tierOf: () => 1,
  };
}

export const acme = directoryOf(
  [
    agent("reply-bot", "ana@acme.example"),
    agent("deploy-bot", "bo@acme.example"),
    agent("lost-bot", "gone@acme.example"),
  ],
  [person("ana@acme.example", ["admin"]), person("bo@acme.example", ["approver"], ["leads"])],
);

/** AES-256-GCM under a key of this test: what a sealer promises, no more. */
export function testSealer(): Sealer {
  const key = randomBytes(32);
  return {
    async seal(plain, context) {
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(context));
      return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    async open(sealed, context) {
      const bytes = Buffer.from(sealed);
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12)).setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    },
  };
}

export const publicUrl = "https://gate.acme.example";
export const mcp = `${publicUrl}/mcp`;

/** One replica: what it knows in memory, read from the database when a test says so. */
export async function openReplica(db: Db, clock: HandClock, sealer: Sealer) {
  let credentials = await loadCredentials(db, clock);
  let tokenKeys = await db.transaction((tx) => loadTokenKeys(tx, clock, sealer));
  const tokens = new TokenCache();
  const seenProofs = new SeenProofs();
  const attempts = new FailedAttempts();
  const uses = new UseLog();
  const shared = () => ({ publicUrl, directory: acme, credentials, tokenKeys, attempts, seenProofs });
  return {
    async poll() {
      credentials = await loadCredentials(db, clock, credentials);
      tokenKeys = await loadTokenKeys(db, clock, sealer, tokenKeys);
    },
    set: () => credentials,
    tokenKeys: () => tokenKeys,
    tokens,
    attempts,
    uses,
    door: (change: Partial<AuthenticateContext> = {}): AuthenticateContext => ({
      ...shared(),
      db,
      clock,
      tokens,
      uses,
      request: { method: "POST", url: mcp, source: "192.0.2.7", client: "test-client" },
      audiences: [mcp],
      ...change,
    }),
    tokenDoor: (change: Partial<ExchangeContext> = {}): ExchangeContext => ({
      ...shared(),
      source: "192.0.2.7",
      isResource: (resource) => resource === mcp,
      ...change,
    }),
  };
}

export type Replica = Awaited<ReturnType<typeof openReplica>>;

export async function keyPair(alg: "EdDSA" | "ES256" | "RS256" = "EdDSA") {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, privateKey, publicKey, jwk: await exportJWK(publicKey) };
}

let serial = 0;

/** An assertion as a well-behaved agent signs it, with what the test changes. */
export function signAssertion(
  clock: Clock,
  key: { readonly alg: string; readonly privateKey: CryptoKey | Uint8Array },
  change: { readonly claims?: Record<string, unknown>; readonly header?: Record<string, unknown> } = {},
): Promise<string> {
  const now = Math.floor(clock.now() / 1000);
  serial += 1;
  const claims = {
    iss: "reply-bot",
    sub: "reply-bot",
    aud: publicUrl,
    jti: `jti-${serial}`,
    iat: now,
    exp: now + 60,
    ...change.claims,
  };
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, ...change.header }).sign(key.privateKey);
}

export function tokenForm(assertion: string, change: Record<string, string> = {}): URLSearchParams {
  return new URLSearchParams({
    grant_type: "client_credentials",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    resource: mcp,
    ...change,
  });
}
