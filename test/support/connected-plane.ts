import { expect } from "vitest";
import { clientId, type IdentityProvider, type ProviderOptions, startIdentityProvider } from "./identity-provider.ts";
import { type Page, PlainBrowser } from "./plain-browser.ts";
import { ana, openTestPlane, type PlaneOptions, type Reply, type TestPlane, until } from "./plane.ts";
import { type ProtectedServer, startProtectedServer } from "./protected-server.ts";

export const workflow = "docs-upkeep";
export const secretName = "tickets-client";

export interface ConnectedOptions extends PlaneOptions {
  readonly for: "person" | "workflow";
  readonly era?: "legacy" | "modern";
  readonly clientSecret?: string;
  readonly accessSeconds?: number;
  readonly withRevocation?: boolean;
}

/** A whole server with an upstream that takes tokens of a real identity provider, and what people do to connect it. */
export interface ConnectedPlane {
  readonly plane: TestPlane;
  readonly idp: IdentityProvider;
  readonly upstream: ProtectedServer;
  readonly options: ProviderOptions;
  /** Begins on the command line, as this person. */
  begin(person: string, body?: object): Promise<Reply>;
  /** Goes on in a browser where nobody is logged in, as far as the provider's first page. */
  toProvider(person: string, begun: Reply, browser: PlainBrowser): Promise<Page>;
  /** Logs in there as this account and consents. */
  consent(browser: PlainBrowser, page: Page, account: string): Promise<Page>;
  /** All of that; what the last page says. */
  connect(person: string, account: string, body?: object): Promise<Page>;
  /** Approves every definition of the upstream that waits. */
  review(): Promise<void>;
  call(key: string, tool: string, args?: object, url?: string): Promise<Reply>;
  /** A key with which the agent acts for this person. */
  keyFor(person: string): Promise<string>;
  close(): Promise<void>;
}

export async function openConnectedPlane(options: ConnectedOptions): Promise<ConnectedPlane> {
  const { clientSecret, accessSeconds, withRevocation } = options;
  let url = "";
  const forProvider: ProviderOptions = {
    resource: () => url,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(accessSeconds === undefined ? {} : { accessSeconds }),
    ...(withRevocation === undefined ? {} : { withRevocation }),
  };
  const idp = await startIdentityProvider(forProvider);
  const upstream = await startProtectedServer(options.era ?? "legacy", (token) => idp.look(token));
  url = upstream.url;
  const tools = ["whoami", "echo_token"].map((tool) => `  - tickets.${tool}`).join("\n");
  const { edit, add, ...rest } = options;
  const plane = await openTestPlane({
    ...rest,
    edit: {
      [`workflows/${workflow}.yaml`]: (text) =>
        text
          .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
          .replace("allow:\n", `allow:\n${tools}\n`)
          .replace("perMinute: 60", "perMinute: 6000")
          .replace("ask:\n", "ask:\n  - { tool: tickets.close_ticket, from: editors, exclude: [] }\n"),
      ...edit,
    },
    add: { "tools/tickets.yaml": toolsFile(options, upstream.url, idp.issuer), ...add },
  });
  idp.register([`${plane.url}/v1/upstreams/tickets/callback`]);
  if (clientSecret !== undefined) {
    const body = { name: secretName, value: clientSecret };
    expect((await plane.call("POST", "/v1/secrets", { key: await plane.person(ana), body })).status).toBe(201);
  }
  const self: ConnectedPlane = {
    plane,
    idp,
    upstream,
    options: forProvider,
    async begin(person, body = options.for === "workflow" ? { workflow } : {}) {
      return plane.call("POST", "/v1/upstreams/tickets/connect", { key: await plane.person(person), body });
    },
    async toProvider(person, begun, browser) {
      expect(begun.status, begun.text).toBe(201);
      const first = await browser.go(begun.json.url);
      const shown = await browser.submit(first);
      const code = /<pre>([^<]+)<\/pre>/.exec(shown.text)?.[1] ?? "";
      const confirmed = await plane.call("POST", `/v1/consents/${begun.json.id}/confirm`, {
        key: await plane.person(person),
        body: { code },
      });
      expect(confirmed.status, confirmed.text).toBe(200);
      const next = await browser.follow(shown, /^\/connect\//);
      return browser.follow(next, /\/auth\?/);
    },
    async consent(browser, page, account) {
      const asked = page.text.includes('name="login"')
        ? await browser.submit(page, { login: account, password: "x" })
        : page;
      return asked.text.includes('value="consent"') ? browser.submit(asked) : asked;
    },
    async connect(person, account, body) {
      const browser = new PlainBrowser();
      const page = await self.toProvider(person, await self.begin(person, body), browser);
      return self.consent(browser, page, account);
    },
    async review() {
      const key = await plane.person(ana);
      const reviews = await until(async () => {
        const { json } = await plane.call("GET", "/v1/catalog/reviews", { key });
        const found = json.reviews.filter((one: { server: string }) => one.server === "tickets");
        return found.length === 0 ? undefined : found;
      });
      for (const { tool, digest } of reviews) {
        const body = { server: "tickets", tool, digest, answer: "approve" };
        expect((await plane.call("POST", "/v1/catalog/reviews", { key, body })).status).toBe(200);
      }
    },
    call: (key, tool, args = {}, at = plane.url) =>
      plane.call("POST", "/v1/actions", { key, url: at, body: { server: "tickets", tool, arguments: args } }),
    async keyFor(person) {
      const body = { environment: "sandbox", onBehalfOf: person };
      const made = await plane.call("POST", "/v1/agents/scribe/keys", { key: await plane.person(ana), body });
      expect(made.status, made.text).toBe(201);
      return made.json.key;
    },
    async close() {
      await plane.close();
      await upstream.close();
      await idp.close();
    },
  };
  return self;
}

function toolsFile(options: ConnectedOptions, url: string, issuer: string): string {
  const secret = options.clientSecret === undefined ? "" : `    clientSecret: secret://${secretName}\n`;
  return `server: tickets
transport:
  kind: http
  url: ${url}
  auth:
    kind: oauth
    grant: authorization_code
    for: ${options.for}
    issuer: ${issuer}
    clientId: ${clientId}
${secret}    scopes: ["tickets:read"]
environment: sandbox
tools:
  whoami: { verb: read, environment: server, target: the account }
  echo_token: { verb: read, environment: server, target: the account }
  close_ticket:
    verb: execute
    environment: server
    target: a ticket
    reversal: { kind: irreversible, reason: a ticket is opened again by hand }
`;
}
