import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Route, routes } from "../../packages/countersign/src/doors/http/index.ts";
import { deeds } from "../../packages/countersign/src/identity/permission.ts";
import { openTestPlane, type TestPlane } from "../support/plane.ts";

const dee = "dee@acme.example";
let plane: TestPlane;
let agent: string;
let viewer: string;

beforeAll(async () => {
  plane = await openTestPlane({
    edit: {
      "countersign.yaml": (text) =>
        text.replace(
          "groups:\n  editors:",
          `  - email: ${dee}\n    name: Dee\n    roles: [viewer]\n\ngroups:\n  editors:`,
        ),
    },
  });
  agent = await plane.agent("scribe");
  viewer = await plane.person(dee);
});
afterAll(async () => plane?.close());

const ids: Readonly<Record<string, string>> = {
  "/v1/stops": "stp",
  "/v1/credentials": "key",
  "/v1/waivers": "gov",
  "/v1/alerts": "gov",
  "/v1/proposals": "gov",
  "/proposals": "gov",
  "/v1/erasures": "gov",
  "/v1/preservations": "gov",
  "/v1/runs": "run",
};

/** The route's address with ids of the right form that nothing has. */
function addressOf(route: Route): string {
  const kind = Object.entries(ids).find(([path]) => route.path.startsWith(path))?.[1] ?? "act";
  const id = `${kind}_${"0".repeat(26)}`;
  return route.path
    .replace(":file", `act_${"0".repeat(26)}.html`)
    .replace(":id", id)
    .replace(":agent", "scribe")
    .replace(":email", "nobody@acme.example")
    .replace("*", route.path.includes("resource") ? "v1" : "0/000");
}

/** For anybody who is logged in with a browser, which a command line is not. */
const inBrowser = new Set(["POST /v1/passkeys/options", "GET /passkeys"]);

const forms = (route: Route) => route.form === true || route.rawForm === true;
const headers = (route: Route): Record<string, string> =>
  forms(route) ? { "content-type": "application/x-www-form-urlencoded" } : {};
const call = (route: Route, key?: string) =>
  plane.call(route.method, addressOf(route), {
    ...(key === undefined ? {} : { key }),
    ...(route.method === "GET" ? {} : { raw: forms(route) ? "" : "{}" }),
    headers: headers(route),
  });
const streams = (route: Route) => route.path === "/v1/stream";
const name = (route: Route) => `${route.method} ${route.path}`;
const writes = async () => {
  const found = await plane.database.db.query<{ n: number }>(
    "select count(*)::int as n from entry where kind not in ('read', 'login') and agent is not null",
  );
  return found.rows[0]?.n;
};

describe("every route of the table", () => {
  it.each(routes.filter((route) => route.who !== "anyone").map((route) => [name(route), route] as const))(
    "%s refuses a caller whom nobody knows",
    async (_, route) => {
      for (const key of [undefined, "csk_00000000000000000000000000_wrong", "eyJhbGciOiJub25lIn0.e30."]) {
        const { status, json, headers } = await call(route, key);
        // Whoever keeps trying is told to wait; who tried nothing is not counted.
        expect(key === undefined ? [401] : [401, 429]).toContain(status);
        if (status !== 401) continue;
        expect(json.code).toBe("not_authenticated");
        expect(headers.get("www-authenticate")).toMatch(/^Bearer resource_metadata=/);
      }
    },
  );

  it.each(routes.map((route) => [name(route), route] as const))("%s keeps to who may call it", async (_, route) => {
    if (route.who === "anyone" || streams(route)) return;
    const asAgent = await call(route, agent);
    if (route.who.agent !== true) {
      expect(asAgent.status).toBe(403);
      expect(asAgent.json.detail).toContain("not for agents");
    } else expect(asAgent.status).not.toBe(403);
    // It would end the credential that the next routes are asked with.
    if (route.path === "/v1/logout" || route.path === "/logout") return;
    const before = await writes();
    const asViewer = await call(route, viewer);
    const { person } = route.who;
    const isForViewer =
      person === "any" || (person !== undefined && (deeds[person].roles as readonly string[]).includes("viewer"));
    if (person === undefined) expect(asViewer.status).toBe(403);
    else if (!isForViewer) {
      expect([400, 403, 404, 409]).toContain(asViewer.status);
      expect(await writes()).toBe(before);
    } else if (inBrowser.has(name(route))) expect(asViewer.json.detail).toMatch(/browser|session/);
    else expect(asViewer.status).not.toBe(403);
  });

  it("is described in /openapi.json, and nothing else is", async () => {
    const { json } = await plane.call("GET", "/openapi.json");
    expect(json.openapi).toBe("3.1.0");
    const described = Object.entries(json.paths as Record<string, object>).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = routes.map(
      (route) => `${route.method} ${route.path.replace(/:([a-z]+)/gi, "{$1}").replace("*", "{rest}")}`,
    );
    expect(described.toSorted()).toEqual(served.toSorted());
    const operations = Object.values(json.paths as Record<string, Record<string, { operationId: string }>>).flatMap(
      (methods) => Object.values(methods).map((one) => one.operationId),
    );
    expect(new Set(operations).size).toBe(operations.length);
  });

  it.each(routes.map((route) => [name(route), route] as const))(
    "%s answers another method with 405",
    async (_, route) => {
      const methods = routes.filter((other) => other.path === route.path).map((other) => other.method as string);
      const other = ["PATCH", "DELETE"].find((method) => !methods.includes(method)) ?? "PATCH";
      const { status, json, headers } = await plane.call(other, addressOf(route));
      expect(status).toBe(405);
      expect(json.code).toBe("invalid");
      expect(headers.get("allow")).toContain(route.method);
    },
  );
});

it("a viewer is shown a receipt without what is private", async () => {
  const path = `${plane.folder}/sandbox/pages/welcome.md`;
  const body = { server: "files", tool: "read_text_file", arguments: { path } };
  const { json } = await plane.call("POST", "/v1/actions", { key: agent, body });
  const view = await plane.call("GET", `/v1/actions/${json.id}?waitMs=5000`, { key: viewer });
  expect(view.json.state).toBe("done");
  expect(view.json.result).toBeUndefined();
  const run = await plane.call("POST", "/v1/runs", { key: viewer, body: { agent: "scribe", task: "mine" } });
  expect(run.status).toBe(403);
  const receipt = await plane.call("GET", json.receipt, { key: viewer });
  expect(receipt.json.what.args).toBeNull();
  expect(receipt.json.withheld).toContain("/what/args");
  expect(receipt.text).not.toContain("Welcome");
  expect(receipt.json.what.argsDigest).toMatch(/^sha256:/);
  const bundle = await plane.call("GET", `${json.receipt}/bundle`, { key: viewer });
  const payload = Buffer.from(JSON.parse(bundle.text).payload, "base64").toString();
  expect(payload).not.toContain("welcome.md");
});

it("an agent does not learn of deeds of governance", async () => {
  const entries = await plane.database.db.query<{ subject: string }>(
    "select subject from entry where subject like 'gov%'",
  );
  expect(entries.rows.length).toBeGreaterThan(0);
  for (const { subject } of entries.rows) {
    for (const path of [`/v1/receipts/${subject}`, `/v1/receipts/${subject}/bundle`])
      expect((await plane.call("GET", path, { key: agent })).status).toBe(404);
  }
});

it("answers carry headers that keep browsers and caches from harm", async () => {
  for (const path of ["/healthz", "/v1/me", "/nowhere"]) {
    const { headers } = await plane.call("GET", path, { key: viewer });
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
  }
  const missing = await plane.call("GET", "/nowhere");
  expect(missing.status).toBe(404);
  expect(missing.headers.get("content-type")).toBe("application/problem+json");
});

it("health, readiness and figures answer without credentials and hold no name from outside", async () => {
  expect((await plane.call("GET", "/healthz")).json.status).toBe("up");
  expect((await plane.call("GET", "/readyz")).json).toEqual({ status: "ready", because: [] });
  const { text } = await plane.call("GET", "/metrics");
  for (const figure of [
    'countersign_actions_total{state="done",verb="read"}',
    'countersign_part_seconds_count{part="decide"}',
    'countersign_open_actions{state="unknown"}',
    "countersign_clock_skew_seconds",
    "countersign_ledger_lag_entries",
  ])
    expect(text).toContain(figure);
  expect(text).not.toMatch(/scribe|acme/);
});
