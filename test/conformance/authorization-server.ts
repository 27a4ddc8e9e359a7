import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A small authorization server of tests: counts what it gives out and checks what it is sent. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly requests: {
    readonly grant: string;
    readonly resource: string;
    readonly scope: string;
    readonly how: string;
  }[];
  readonly valid: Set<string>;
  lifetimeSeconds: number;
  fail: "" | "error" | "redirect" | "other issuer";
  /** Over what it says of itself. */
  metadata: Readonly<Record<string, unknown>>;
  /** What a browser would bring back from the authorization address. */
  visit(url: string): { readonly code: string; readonly state: string | null };
  close(): Promise<void>;
}

export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  const codes = new Map<string, URL>();
  const refreshers = new Set<string>();
  const http = createServer(async (request, response) => {
    const say = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.url?.startsWith("/.well-known/")) {
      const issuer = server.fail === "other issuer" ? "http://evil.example" : server.issuer;
      return void say(200, {
        issuer,
        authorization_endpoint: `${server.issuer}/authorize`,
        token_endpoint: `${server.issuer}/token`,
        response_types_supported: ["code"],
        code_challenge_methods_supported: ["S256"],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "private_key_jwt", "none"],
        ...server.metadata,
      });
    }
    const form = new URLSearchParams(await textOf(request));
    const how = form.has("client_assertion") ? "private_key_jwt" : (request.headers.authorization ?? "none");
    const one = (name: string) => form.get(name) ?? "";
    server.requests.push({ grant: one("grant_type"), resource: one("resource"), scope: one("scope"), how });
    if (server.fail === "redirect") return void response.writeHead(302, { location: "http://evil.example/" }).end();
    if (server.fail === "error" || !allowed(form))
      return void say(400, { error: "invalid_grant", error_description: `you sent ${how}` });
    const access = randomUUID();
    server.valid.add(access);
    const refresh = randomUUID();
    const person = one("grant_type") !== "client_credentials";
    if (person) refreshers.add(refresh);
    say(200, {
      access_token: access,
      token_type: "Bearer",
      expires_in: server.lifetimeSeconds,
      ...(person ? { refresh_token: refresh } : {}),
    });
  });
  const allowed = (form: URLSearchParams): boolean => {
    if (form.get("grant_type") === "refresh_token") return refreshers.delete(form.get("refresh_token") ?? "");
    if (form.get("grant_type") !== "authorization_code") return true;
    const asked = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    return (
      asked?.searchParams.get("code_challenge") === challenge &&
      asked.searchParams.get("redirect_uri") === form.get("redirect_uri")
    );
  };
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const server: AuthorizationServer = {
    issuer: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests: [],
    valid: new Set(),
    lifetimeSeconds: 3_600,
    fail: "",
    metadata: {},
    visit(url) {
      const code = randomUUID();
      codes.set(code, new URL(url));
      return { code, state: new URL(url).searchParams.get("state") };
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
