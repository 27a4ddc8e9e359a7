import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

/** A real OpenID provider on loopback that says of workloads who they are, as a platform of runners does. */
export interface WorkloadProvider {
  readonly issuer: string;
  /** How often its keys were asked for. */
  asked: number;
  /** What it signs of the workload of this `sub`, for whoever is named as the audience. */
  token(sub: string, audience: string): Promise<string>;
  /** New keys; the old ones are not published any more. */
  rotate(): Promise<void>;
  close(): Promise<void>;
}

const secret = "a-secret-of-tests-only-0123456789";

export async function startWorkloadProvider(
  subjects: readonly string[],
  claims: Readonly<Record<string, string>> = {},
): Promise<WorkloadProvider> {
  let provider: Provider | undefined;
  let serial = 0;
  const http = createServer((request, response) => {
    if ((request.url ?? "").split("?")[0] === "/jwks") self.asked += 1;
    if (provider === undefined) return void response.writeHead(503).end();
    void provider.callback()(request, response);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const self: WorkloadProvider = {
    issuer,
    asked: 0,
    async token(sub, audience) {
      const body = new URLSearchParams({ grant_type: "client_credentials", resource: audience });
      const authorization = `Basic ${Buffer.from(`${encodeURIComponent(sub)}:${secret}`).toString("base64")}`;
      const response = await fetch(`${issuer}/token`, { method: "POST", body, headers: { authorization } });
      const { access_token: token, ...rest } = (await response.json()) as Record<string, unknown>;
      if (typeof token !== "string") throw new Error(JSON.stringify(rest));
      return token;
    },
    async rotate() {
      const { privateKey } = await generateKeyPair("ES256", { extractable: true });
      serial += 1;
      const key = { ...(await exportJWK(privateKey)), kid: `key-${serial}`, use: "sig", alg: "ES256" };
      provider = quietly(() => new Provider(issuer, configurationOf(subjects, claims, key)));
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  await self.rotate();
  return self;
}

function configurationOf(subjects: readonly string[], claims: Readonly<Record<string, string>>, key: object): object {
  return {
    jwks: { keys: [key] },
    clients: subjects.map((sub) => ({
      client_id: sub,
      client_secret: secret,
      id_token_signed_response_alg: "ES256",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    })),
    cookies: { keys: ["a key of tests only"] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: async (_ctx: unknown, audience: string) => ({
          scope: "",
          audience,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "ES256" } },
        }),
      },
    },
    formats: {
      customizers: {
        // Platforms sign what they say of a workload as a plain JWT, and not as an access token.
        jwt(_ctx: unknown, _token: unknown, jwt: { header: object; payload: object }) {
          jwt.header = { ...jwt.header, typ: "JWT" };
          jwt.payload = { ...jwt.payload, ...claims };
        },
      },
    },
    ttl: { ClientCredentials: 300 },
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
