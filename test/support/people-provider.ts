import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

/** A real OpenID provider on loopback in which people log in: PKCE, `iss`, claims of people, logout. */
export interface PeopleProvider {
  readonly issuer: string;
  /** Claims by account; whoever types the account's name is it. */
  readonly accounts: Map<string, Readonly<Record<string, unknown>>>;
  /** Registers the client's addresses; before that there is no provider behind the address. */
  register(publicUrl: string): void;
  /** Answers every request with 503. */
  down: boolean;
  close(): Promise<void>;
}

export const peopleClient = { id: "countersign", secret: "a-secret-of-tests-only-0123456789" };

export async function startPeopleProvider(options: { readonly conform?: boolean } = {}): Promise<PeopleProvider> {
  let provider: Provider | undefined;
  const http = createServer((request, response) => {
    if (provider === undefined || self.down) return void response.writeHead(503).end();
    void provider.callback()(request, response);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const self: PeopleProvider = {
    issuer,
    accounts: new Map(),
    down: false,
    register(publicUrl) {
      provider = quietly(() => new Provider(issuer, configurationOf(self, publicUrl, options.conform ?? true)));
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return self;
}

/** With `conform`, claims of people come from its userinfo endpoint only, as the specification has it for codes. */
function configurationOf({ accounts }: PeopleProvider, publicUrl: string, conform: boolean): object {
  return {
    clients: [
      {
        client_id: peopleClient.id,
        client_secret: peopleClient.secret,
        redirect_uris: [`${publicUrl}/login/callback`],
        post_logout_redirect_uris: [`${publicUrl}/login`],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: conform,
    cookies: { keys: ["a key of tests only"] },
    findAccount: async (_ctx: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...accounts.get(id) }),
    }),
    features: {
      devInteractions: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        async logoutSource(context: { body: string }, form: string) {
          context.body = form;
        },
      },
    },
    pkce: { required: () => true },
    ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Grant: 600, Session: 600, Interaction: 600 },
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
