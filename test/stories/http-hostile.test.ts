import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { problems } from "../../packages/contract/src/index.ts";
import { type Route, routes } from "../../packages/countersign/src/doors/http/index.ts";
import { ana, openTestPlane, type Reply, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
let admin: string;
let agent: string;
beforeAll(async () => {
  plane = await openTestPlane();
  admin = await plane.person(ana);
  agent = await plane.agent("scribe");
});
afterAll(async () => plane?.close());

type Shape = {
  readonly properties?: Record<string, { readonly type?: string }>;
  readonly required?: readonly string[];
};

const withBody = routes.filter((route) => route.body !== undefined && route.form !== true && route.rawForm !== true);
const shapeOf = (route: Route): Shape =>
  z.toJSONSchema(route.body as z.ZodType, { io: "input", unrepresentable: "any" }) as Shape;
const keyOf = (route: Route): string => (route.who !== "anyone" && route.who.agent === true ? agent : admin);
const id = (route: Route): string => {
  const kinds = { stops: "stp", credentials: "key", waivers: "gov", alerts: "gov" } as const;
  const kind = Object.entries(kinds).find(([part]) => route.path.includes(part))?.[1] ?? "act";
  return `${kind}_${"0".repeat(26)}`;
};
const addressOf = (route: Route): string =>
  route.path.replace(":id", id(route)).replace(":agent", "scribe").replace(":email", "nobody@acme.example");

/** A value of the member's own type, as far as it can be guessed. */
function sample(type: string | undefined): unknown {
  return { string: "x", integer: 1, number: 1, boolean: true, array: [], object: {} }[type ?? "string"] ?? "x";
}

const deep = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;

/** Bodies that no route may take, each by name. */
function hostile(shape: Shape): [name: string, raw: string | Uint8Array<ArrayBuffer>][] {
  const members = Object.entries(shape.properties ?? {});
  const whole = Object.fromEntries(members.map(([name, { type }]) => [name, sample(type)]));
  const text = (value: unknown): string => JSON.stringify(value);
  const found: [string, string | Uint8Array<ArrayBuffer>][] = [
    ["nothing but an array", "[]"],
    ["null", "null"],
    ["a string", '"x"'],
    ["not JSON", "{"],
    ["text after the value", "{} {}"],
    ["a member that is not there", text({ ...whole, nonsense: 1 })],
    ["a member that is twice there", `{"a":1,"a":2}`],
    ["__proto__", `{"__proto__":{"admin":true}}`],
    ["constructor", `{"constructor":{"prototype":{}}}`],
    ["a lone surrogate", `{"a":"\\ud800"}`],
    ["a number without end", `{"a":1e400}`],
    ["an integer that no double holds", `{"a":9007199254740993}`],
    ["too deep", `{"a":${deep(5000)}}`],
    ["not UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["a byte order mark", new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d])],
  ];
  for (const [name, { type }] of members) {
    const wrong = type === "string" || type === undefined ? [1, [], {}, null, true] : ["x", null, [[]]];
    for (const value of wrong) {
      // An agent's own arguments are any object.
      if (type === "object" && typeof value === "object" && value !== null && !Array.isArray(value)) continue;
      if (type === undefined && name === "files" && typeof value === "object") continue;
      found.push([`${name} is ${text(value)}`, text({ ...whole, [name]: value })]);
    }
    if (type === "string") {
      found.push([`${name} is far too long`, text({ ...whole, [name]: "x".repeat(200_000) })]);
    }
    if (type === "integer" || type === "number") {
      for (const number of [-1, 0.5, 1e15]) found.push([`${name} is ${number}`, text({ ...whole, [name]: number })]);
    }
  }
  for (const name of shape.required ?? []) {
    const { [name]: _, ...rest } = whole;
    found.push([`${name} is missing`, text(rest)]);
  }
  return found;
}

const nothingWritten = async () => {
  const text =
    "select (select count(*) from entry where kind <> 'read')::int as entries, (select revision from plane)::int as plane";
  return (await plane.database.db.query<{ entries: number; plane: number }>(text)).rows[0];
};

function expectProblem(reply: Reply): void {
  const code = reply.json?.code as keyof typeof problems;
  expect(problems[code]?.status).toBe(reply.status);
  expect(["bug", "unavailable"]).not.toContain(code);
  expect(reply.headers.get("content-type")).toBe("application/problem+json");
  expect(reply.text).not.toMatch(/node_modules|\.ts:\d|at async|ZodError/);
}

it.each(withBody.map((route) => [`${route.method} ${route.path}`, route] as const))(
  "%s answers every bad body with a problem of the table, and writes nothing",
  async (_, route) => {
    const before = await nothingWritten();
    for (const [name, raw] of hostile(shapeOf(route))) {
      const reply = await plane.call(route.method, addressOf(route), { key: keyOf(route), raw });
      expect(reply.status, `${name}: ${reply.text}`).toBeGreaterThanOrEqual(400);
      expectProblem(reply);
    }
    expect(await nothingWritten()).toEqual(before);
  },
);

const withQuery = routes.filter(
  (route) => route.method === "GET" && route.who !== "anyone" && route.path !== "/v1/stream",
);
it.each(withQuery.map((route) => [route.path, route] as const))(
  "GET %s takes no parameter that it does not name",
  async (_, route) => {
    const address = addressOf(route)
      .replace(":file", `act_${"0".repeat(26)}`)
      .replace("*", "000");
    const key = route.who !== "anyone" && route.who.person === undefined ? agent : admin;
    for (const query of [
      "?nonsense=1",
      "?limit=1&limit=2",
      "?limit=-1",
      "?limit=1e99",
      "?cursor=%00",
      "?%ff=1",
      "?q=%ed%a0%80",
      "?a=%zz",
    ]) {
      const reply = await plane.call("GET", `${address}${query}`, { key });
      expect(reply.status, `${query}: ${reply.text.slice(0, 200)}`).toBeGreaterThanOrEqual(400);
      expectProblem(reply);
    }
  },
);

it("a misspelled member is answered with the one that was meant", async () => {
  const body = { server: "files", tool: "x", argumants: {} };
  const { json } = await plane.call("POST", "/v1/actions", { key: agent, body });
  expect(json).toMatchObject({ code: "invalid", at: "/argumants", help: "did you mean `arguments`?" });
});

it("a body above the limit is refused before it is read to its end", async () => {
  const raw = `{"server":"${"x".repeat(1_100_000)}"}`;
  const reply = await plane.call("POST", "/v1/actions", { key: agent, raw });
  expect(reply.status).toBe(413);
  expect(reply.json.code).toBe("too_large");
});

it("arguments named as an object's own parts stay what they are, and `__proto__` is no name of one", async () => {
  const call = async (name: string) => {
    const raw = `{"server":"files","tool":"read_text_file","arguments":{"path":"/nowhere","${name}":{"x":1}}}`;
    return (await plane.call("POST", "/v1/actions", { key: agent, raw })).json;
  };
  expect(await call("constructor")).toMatchObject({ state: "refused" });
  expect(await call("__proto__")).toMatchObject({ code: "invalid", help: "leave that member out" });
  expect(({} as { x?: number }).x).toBeUndefined();
});

/** Sends bytes as they are and gives back what came. */
function rawHttp(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(plane.url);
    const socket = connect(Number(port), hostname === "localhost" ? "127.0.0.1" : hostname);
    let found = "";
    socket.on("data", (chunk) => {
      found += chunk.toString();
    });
    socket.on("close", () => resolve(found));
    socket.on("error", reject);
    socket.setTimeout(30_000, () => socket.destroy());
    socket.write(text);
  });
}

const get = (path: string, headers: string): Promise<string> =>
  rawHttp(`GET ${path} HTTP/1.1\r\nconnection: close\r\n${headers}\r\n`);

it("a host name or an origin that is not this server's own is refused on every address", async () => {
  const { host } = new URL(plane.url);
  const good = `authorization: Bearer ${admin}\r\n`;
  for (const path of ["/v1/me", "/healthz", "/openapi.json", "/login", "/nowhere"]) {
    for (const wrong of ["host: evil.example\r\n", `host: ${host}.evil.example\r\n`, "host: \r\n"]) {
      expect(await get(path, `${wrong}${good}`)).toMatch(/^HTTP\/1\.1 (403|400)/);
    }
    for (const origin of ["http://evil.example", "null", `https://${host}`, "http://localhost:1"]) {
      expect(await get(path, `host: ${host}\r\norigin: ${origin}\r\n${good}`)).toMatch(/^HTTP\/1\.1 403/);
    }
  }
  expect(await get("/v1/me", `host: ${host}\r\norigin: http://${host}\r\n${good}`)).toMatch(/^HTTP\/1\.1 200/);
  // A probe asks a replica by its number, which no page of another site can be pointed to.
  for (const path of ["/healthz", "/readyz", "/metrics"])
    expect(await get(path, "host: 10.9.8.7:4600\r\n")).toMatch(/^HTTP\/1\.1 200/);
  expect(await get("/v1/me", `host: 10.9.8.7:4600\r\n${good}`)).toMatch(/^HTTP\/1\.1 403/);
  expect(await get("/mcp", `host: evil.example\r\n${good}`)).toMatch(/^HTTP\/1\.1 403/);
});

it("what is not HTTP is answered with a problem and a closed connection", async () => {
  const { host } = new URL(plane.url);
  for (const text of [
    "nonsense\r\n\r\n",
    `GET /v1/me HTTP/1.1\r\nhost: ${host}\r\nx: ${"y".repeat(60_000)}\r\n\r\n`,
    `POST /v1/actions HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    `GET /v1/me\r\n HTTP/1.1\r\nhost: ${host}\r\n\r\n`,
  ]) {
    const answer = await rawHttp(text);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).toContain("application/problem+json");
  }
  expect(await get("/%zz", `host: ${host}\r\n`)).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(await get("/v1/actions/%00", `host: ${host}\r\nauthorization: Bearer ${admin}\r\n`)).toMatch(
    /^HTTP\/1\.1 400 /,
  );
});
