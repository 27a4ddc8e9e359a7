import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Action, type ActionReceipt, type Countersign, connect } from "@countersign/client";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, openTestPlane, type TestPlane, until } from "../support/plane.ts";

let plane: TestPlane;
let key: string;
let person: Countersign;
let cli: TestCli;
const clients: Client[] = [];

beforeAll(async () => {
  plane = await openTestPlane();
  key = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  person = connect({ url: plane.url, key: await plane.person(ana) });
  cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: key });
  ways.mcp = await overMcp(
    new StreamableHTTPClientTransport(new URL(`${plane.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    }),
  );
  const bin = join(import.meta.dirname, "../../packages/countersign/bin/countersign.js");
  const env = { PATH: process.env.PATH ?? "", HOME: cli.home, COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: key };
  ways.bridge = await overMcp(new StdioClientTransport({ command: process.execPath, args: [bin, "mcp"], env }));
});
afterAll(async () => {
  for (const client of clients) await client.close();
  cli?.close();
  await plane?.close();
});

type Way = (tool: string, args: Record<string, unknown>) => Promise<unknown>;

/** Four doors to one hall, and the bridge for clients that start a command. */
const ways: Record<"mcp" | "bridge" | "http" | "sdk" | "cli", Way> = {
  mcp: async () => undefined,
  bridge: async () => undefined,
  http: (tool, args) => plane.call("POST", "/v1/actions", { key, body: { server: "files", tool, arguments: args } }),
  sdk: (tool, args) =>
    connect({ url: plane.url, key }).actions.submit({ server: "files", tool, arguments: args as never }),
  cli: (tool, args) => cli.run(["actions", "submit", `files.${tool}`, "--args", JSON.stringify(args)]),
};
const names = Object.keys(ways) as (keyof typeof ways)[];

async function overMcp(transport: StreamableHTTPClientTransport | StdioClientTransport): Promise<Way> {
  const client = new Client({ name: "a test", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(transport);
  clients.push(client);
  return (tool, args) => client.callTool({ name: `files__${tool}`, arguments: args });
}

/** The receipt of what was asked for this way; `meanwhile` is given it while it is open. */
async function receiptBy(
  way: keyof typeof ways,
  tool: string,
  args: Record<string, unknown>,
  meanwhile?: (open: Action) => Promise<void>,
): Promise<ActionReceipt> {
  const before = (await person.actions.page({ limit: 1 })).actions[0]?.id ?? "";
  const asked = ways[way](tool, args);
  const line = await until(async () =>
    (await person.actions.page({ limit: 1 })).actions.find((one) => one.id > before),
  );
  if (meanwhile !== undefined) {
    await until(async () => ((await person.actions.get(line.id)).state === "held" ? true : undefined));
    await meanwhile(await person.actions.get(line.id));
  }
  await asked;
  const receipt = await person.receipts.get(line.id);
  if (!("what" in receipt)) throw new Error("not the receipt of an action");
  return receipt;
}

/** What two receipts of the same call may differ in: names of this one action, its run, its door and its times. */
const own = new Set([
  "id",
  "door",
  "run",
  "step",
  "at",
  "recordedAt",
  "decisionId",
  "callDigest",
  "shownDigest",
  "microseconds",
  "dwellMs",
  "lastWorked",
  "capturedAt",
]);

function common(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(common);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([name]) => !own.has(name));
  return Object.fromEntries(members.map(([name, member]) => [name, common(member)]));
}

async function same(
  tool: string,
  args: Record<string, unknown>,
  meanwhile?: (open: Action) => Promise<void>,
): Promise<ActionReceipt> {
  const receipts: ActionReceipt[] = [];
  for (const way of names) receipts.push(await receiptBy(way, tool, args, meanwhile));
  expect(receipts.map((receipt) => receipt.what.door)).toEqual(["mcp", "mcp", "http", "sdk", "cli"]);
  expect(new Set(receipts.map((receipt) => receipt.id)).size).toBe(names.length);
  const [first, ...others] = receipts.map((receipt) =>
    common(JSON.parse(JSON.stringify(receipt).replaceAll(receipt.id, "<this>"))),
  );
  for (const other of others) expect(other).toEqual(first);
  const [one] = receipts;
  if (one === undefined) throw new Error("no receipt");
  return one;
}

const page = (name: string): string => join(plane.folder, "sandbox", name);

describe("MT-130 the same call through MCP, its bridge, HTTP, SDK and CLI", () => {
  it("MT-130 is allowed five times, with equal receipts", async () => {
    const receipt = await same("read_text_file", { path: page("pages/welcome.md") });
    expect(receipt).toMatchObject({ state: "done", policy: { effect: "allow" }, data: { direction: "read" } });
    expect(JSON.stringify(receipt.what.result)).toContain("# Welcome");
  });

  it("MT-130 is refused five times, with equal receipts", async () => {
    const receipt = await same("write_file", { path: join(plane.folder, "production", "site.json"), content: "{}" });
    expect(receipt).toMatchObject({ state: "refused", policy: { effect: "deny" }, data: { direction: "none" } });
    expect(readFileSync(join(plane.folder, "production", "site.json"), "utf8")).toContain("banner");
  });

  it("MT-130 is held five times by the same rule, and approved by the same person, with equal receipts", async () => {
    // The first request for a target says that it is the first: it is none of the five.
    const asked = await plane.call("POST", "/v1/actions", {
      key,
      body: { server: "files", tool: "write_file", arguments: { path: page("pages/welcome.md"), content: "first" } },
    });
    const { callDigest, shownDigest = "" } = await person.approvals.get(asked.json.id);
    await person.approvals.answer(asked.json.id, { verdict: "deny", callDigest, shownDigest, reason: "not this" });
    const receipt = await same(
      "write_file",
      { path: page("pages/welcome.md"), content: readFileSync(page("pages/welcome.md"), "utf8") },
      async (open) => {
        const shown = await person.approvals.get(open.id);
        await person.approvals.answer(open.id, {
          verdict: "approve",
          callDigest: shown.callDigest,
          shownDigest: shown.shownDigest ?? "",
          reason: "as it was",
          dwellMs: 5,
        });
        // Whoever was told `held` asks for the end itself: until it has it, an identical call is the same action.
        await connect({ url: plane.url, key }).actions.end(open.id, AbortSignal.timeout(60_000));
      },
    );
    expect(receipt).toMatchObject({
      state: "done",
      what: { attempts: 1 },
      approvals: { answers: [{ person: ana, verdict: "approve" }] },
    });
  });
});
