import { expect, it } from "vitest";
import { connect } from "../packages/client/src/index.ts";
import { openApi } from "../packages/countersign/src/doors/http/openapi.ts";
import { routes } from "../packages/countersign/src/doors/http/routes.ts";

/** What no program asks for with the SDK, each with its reason. A final `*` stands for the rest of a path. */
const without = new Map<string, string>([
  ["POST /v1/passkeys", "what a browser's own authenticator signed; nothing else can"],
  ["POST /v1/passkeys/options", "what a browser hands to its authenticator"],
  ["PUT /v1/secrets", "the same as `POST /v1/secrets`, which there is a method for"],
  ["GET /v1/upstreams/{server}/callback", "where an authorization server sends a browser back to"],
  ["POST /v1/slack/interactions", "what Slack sends, signed by Slack"],
]);

const origin = "http://sdk.example";
/** Given for whatever a method takes: it is a name where one is asked for, and has no members where an object is. */
const probe = "probe";

/** What is under `/v1` in this description, as `METHOD /path`. Beside it are pages, and what other standards say of their clients. */
function described(table: typeof routes): readonly string[] {
  const { paths } = openApi(table, origin) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  };
  return Object.entries(paths)
    .filter(([path]) => path.startsWith("/v1/"))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
}

/** What the client asks for where each of its methods is called. */
async function asked(): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  const answer: typeof fetch = async (input, init) => {
    seen.add(`${init?.method ?? "GET"} ${new URL(String(input)).pathname}`);
    return new Response("{}", { headers: { "content-type": "application/json" } });
  };
  const client = connect({ url: origin, key: "k", fetch: answer });
  const groups = [client, ...Object.values(client).filter((one) => typeof one === "object")];
  for (const group of groups)
    for (const method of Object.values(group))
      if (typeof method === "function") await call(method as (...args: unknown[]) => unknown);
  return seen;
}

/** It answers nothing that a method could read, so most fail after they asked. */
async function call(method: (...args: unknown[]) => unknown): Promise<void> {
  for (const args of [[probe, probe, probe], [{}, {}, {}], [probe, {}, probe], [probe], [`entries/${probe}`], []])
    try {
      const made = method(...args);
      if (Symbol.asyncIterator in Object(made)) await (made as AsyncGenerator).next();
      else await made;
    } catch {
      // What it asked for is seen all the same.
    }
}

const same = (one: string, other: string): boolean => {
  const [mine, theirs] = [one.split("/"), other.split("/")];
  return mine.length === theirs.length && mine.every((part, at) => part === theirs[at] || isName(part, theirs[at]));
};
const isName = (part: string, given: string | undefined): boolean => part.startsWith("{") && given === probe;

const missing = (table: typeof routes, seen: ReadonlySet<string>): readonly string[] =>
  described(table).filter((route) => !without.has(route) && ![...seen].some((one) => same(route, one)));

it("the client has a method for every route, and none for what is no route", async () => {
  const seen = await asked();
  expect(seen.size).toBeGreaterThan(100);
  expect(missing(routes, seen)).toEqual([]);
  const all = described(routes);
  const strange = [...seen].filter((one) => one.includes(" /v1/") && !all.some((route) => same(route, one)));
  expect(strange.filter((one) => !/undefined|%5Bobject|entries/.test(one))).toEqual([]);
  expect([...without.keys()].filter((route) => !all.includes(route))).toEqual([]);
});

it("a route that nobody wrote a method for is noticed", async () => {
  const [first] = routes;
  if (first === undefined) throw new Error("there are no routes");
  const planted = [...routes, { ...first, method: "POST" as const, path: "/v1/runs/:id/planted" }];
  expect(missing(planted, await asked())).toEqual(["POST /v1/runs/{id}/planted"]);
});
