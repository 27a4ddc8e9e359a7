import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";

/** An OpenID provider of our own that lies where it is told to. */
export interface HostileProvider {
  readonly issuer: string;
  /** What a token says besides what is right. */
  claims: JWTPayload;
  /** Members of the metadata that are put in place of the right ones. */
  metadata: Readonly<Record<string, unknown>>;
  /** The nonce of the login that is under way. */
  nonce: string;
  sign: "right" | "other key" | "unsigned" | "hmac";
  /** What is answered in place of a path. */
  instead: Map<string, (send: (status: number, body: string, headers?: Record<string, string>) => void) => void>;
  /** How often each path was asked. */
  readonly asked: string[];
  /** A new key; the old one is not published any more. */
  rotate(): Promise<void>;
  close(): Promise<void>;
}

export async function startHostileProvider(clientId: string): Promise<HostileProvider> {
  let key = await generateKeyPair("RS256", { extractable: true });
  let kid = "key-1";
  const other = await generateKeyPair("RS256");
  const tokenOf = async (): Promise<string> => {
    const claims = {
      sub: "subject-1",
      email: "ana@acme.example",
      email_verified: true,
      nonce: self.nonce,
      ...self.claims,
    };
    const now = Math.floor(Date.now() / 1000);
    const right = { iss: self.issuer, aud: clientId, iat: now, exp: now + 300 };
    const payload = { ...right, ...claims };
    if (self.sign === "unsigned") return new UnsecuredJWT(payload).encode();
    if (self.sign === "hmac")
      return new SignJWT(payload)
        .setProtectedHeader({ alg: "HS256", kid })
        .sign(new TextEncoder().encode("a-secret-of-tests-only-0123456789"));
    const signer = self.sign === "other key" ? other.privateKey : key.privateKey;
    return new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid }).sign(signer);
  };
  const answer = async (path: string): Promise<unknown> => {
    if (path === "/.well-known/openid-configuration")
      return {
        issuer: self.issuer,
        authorization_endpoint: `${self.issuer}/authorize`,
        token_endpoint: `${self.issuer}/token`,
        jwks_uri: `${self.issuer}/jwks`,
        response_types_supported: ["code"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
        authorization_response_iss_parameter_supported: true,
        ...self.metadata,
      };
    if (path === "/jwks") return { keys: [{ ...(await exportJWK(key.publicKey)), kid, use: "sig", alg: "RS256" }] };
    if (path === "/token")
      return { access_token: "x", token_type: "Bearer", expires_in: 60, id_token: await tokenOf() };
    return undefined;
  };
  const http = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    self.asked.push(path);
    request.resume();
    const send = (status: number, body: string, headers: Record<string, string> = {}) =>
      void response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
    const instead = self.instead.get(path);
    if (instead !== undefined) return instead(send);
    void answer(path).then((body) => send(body === undefined ? 404 : 200, JSON.stringify(body ?? {})));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const self: HostileProvider = {
    issuer: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    claims: {},
    metadata: {},
    nonce: "",
    sign: "right",
    instead: new Map(),
    asked: [],
    async rotate() {
      key = await generateKeyPair("RS256", { extractable: true });
      kid = `key-${Number(kid.slice(4)) + 1}`;
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return self;
}
