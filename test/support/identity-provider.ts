import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import Provider from "oidc-provider";

/** A request to the token or the revocation endpoint, as it came. */
export interface Asked {
  readonly path: string;
  readonly form: Readonly<Record<string, string>>;
  readonly authorization: string;
  readonly status: number;
}

/** A real identity provider on loopback: PKCE, resource indicators, rotating refresh tokens, revocation, `iss`. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly asked: Asked[];
  /** Registers the client's addresses; before that there is no provider behind the address. */
  register(redirectUris: readonly string[]): void;
  /** Whose a live access token is, and for which address; undefined for every other text. */
  look(token: string): Promise<{ readonly account: string; readonly audience: string } | undefined>;
  knowsRefresh(token: string): Promise<boolean>;
  endAccess(token: string): Promise<void>;
  /** Ends a refresh token, as a person does at the provider. */
  endRefresh(token: string): Promise<void>;
  /** Runs before each token request is answered. */
  before: ((form: Readonly<Record<string, string>>) => Promise<void>) | undefined;
  /** Answers the token endpoint with 503. */
  down: boolean;
  close(): Promise<void>;
}

export interface ProviderOptions {
  readonly resource: () => string;
  readonly clientSecret?: string;
  accessSeconds?: number;
  readonly withRevocation?: boolean;
}

export const clientId = "countersign-plane";

export async function startIdentityProvider(options: ProviderOptions): Promise<IdentityProvider> {
  const asked: Asked[] = [];
  let provider: Provider | undefined;
  const http = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    if (provider === undefined) return void response.writeHead(503).end();
    if (request.method !== "POST" || !/^\/token(\/revocation)?$/.test(path))
      return void provider.callback()(request, response);
    void relay(provider, request, response, path);
  });
  const relay = async (to: Provider, request: IncomingMessage, response: ServerResponse, path: string) => {
    const body = await bodyOf(request);
    const form = Object.fromEntries(new URLSearchParams(body.toString("utf8")));
    if (path === "/token") await idp.before?.(form);
    const authorization = request.headers.authorization ?? "";
    if (idp.down) {
      asked.push({ path, form, authorization, status: 503 });
      return void response.writeHead(503).end();
    }
    response.once("finish", () => asked.push({ path, form, authorization, status: response.statusCode }));
    await to.callback()(replayed(request, body), response);
  };
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const idp: IdentityProvider = {
    issuer,
    asked,
    before: undefined,
    down: false,
    register(redirectUris) {
      provider = quietly(() => new Provider(issuer, configurationOf(options, redirectUris)));
    },
    async look(token) {
      const found = await provider?.AccessToken.find(token);
      if (found?.accountId === undefined) return undefined;
      return { account: found.accountId, audience: String(found.aud) };
    },
    knowsRefresh: async (token) => (await provider?.RefreshToken.find(token)) !== undefined,
    async endAccess(token) {
      await (await provider?.AccessToken.find(token))?.destroy();
    },
    async endRefresh(token) {
      await (await provider?.RefreshToken.find(token))?.destroy();
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return idp;
}

function configurationOf(options: ProviderOptions, redirectUris: readonly string[]): object {
  const { clientSecret, withRevocation = true } = options;
  return {
    clients: [
      {
        client_id: clientId,
        redirect_uris: redirectUris,
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        ...(clientSecret === undefined
          ? { token_endpoint_auth_method: "none" }
          : { client_secret: clientSecret, token_endpoint_auth_method: "client_secret_basic" }),
      },
    ],
    cookies: { keys: ["a key of tests only"] },
    findAccount: async (_ctx: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    features: {
      devInteractions: { enabled: true },
      revocation: { enabled: withRevocation, allowedPolicy: async () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: async (_ctx: unknown, resource: string) => {
          if (resource !== options.resource()) throw new Error("no such resource");
          return { scope: "tickets:read tickets:write", audience: resource, accessTokenFormat: "opaque" };
        },
        useGrantedResource: async () => true,
      },
    },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    pkce: { required: () => true },
    ttl: {
      AccessToken: () => options.accessSeconds ?? 3_600,
      AuthorizationCode: 60,
      RefreshToken: 86_400,
      Grant: 86_400,
      Session: 3_600,
      Interaction: 600,
    },
  };
}

/** The provider says on the console that it is set up for development. */
function quietly<T>(work: () => T): T {
  const { info, warn } = console;
  console.info = () => undefined;
  console.warn = () => undefined;
  try {
    return work();
  } finally {
    Object.assign(console, { info, warn });
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The same request with its body still to be read. */
function replayed(request: IncomingMessage, body: Buffer): IncomingMessage {
  const again = new PassThrough();
  again.end(body);
  const { headers, httpVersion, method, rawHeaders, socket, url } = request;
  return Object.assign(again, {
    headers,
    httpVersion,
    method,
    rawHeaders,
    socket,
    connection: socket,
    url,
  }) as unknown as IncomingMessage;
}
