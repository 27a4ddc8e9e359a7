import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { systemClock } from "../floor/clock.ts";
import { buildCatalog } from "./catalog.ts";
import { digestDefinition } from "./definition.ts";
import { observeDefinitions } from "./observe-definitions.ts";
import { packSchema } from "./pack.ts";
import { listReviews, review } from "./review.ts";
import { readPins } from "./sql.ts";
import type { Definition } from "./tool.ts";
import { toolsFileSchema } from "./tools-file.ts";

const send: Definition = {
  name: "send",
  title: "Send",
  description: "Sends.",
  inputSchema: { type: "object" },
  annotations: { readOnlyHint: false },
};
const list: Definition = { name: "list", description: "Lists.", inputSchema: { type: "object" } };
const digestOf = (definition: Definition) => digestDefinition(definition) ?? "none";
const file = toolsFileSchema.parse({
  server: "mail",
  transport: { kind: "http", url: "https://mail.example/mcp" },
  tools: { send: { verb: "execute" } },
});

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.owner.query("delete from tool_pin"));

const observe = (...definitions: Definition[]) =>
  database.db.transaction((tx) => observeDefinitions(tx, systemClock, "mail", definitions));
const answer = (definition: Definition, said: "approve" | "reject") =>
  database.db.transaction((tx) =>
    review(tx, systemClock, {
      server: "mail",
      tool: definition.name,
      digest: digestOf(definition),
      answer: said,
      by: "ana@acme.example",
    }),
  );

async function isReviewed(definition: Definition): Promise<boolean> {
  const pins = await readPins(database.db);
  const catalog = buildCatalog({
    files: [file],
    packs: new Map(),
    pins,
    definitions: new Map([["mail", [definition]]]),
    environments: [{ name: "production", production: true }],
    workspace: "/ws",
  });
  return catalog.tool("mail", definition.name)?.reviewed ?? false;
}

describe("review", () => {
  it("refuses a new tool until a person has approved the digest that was shown", async () => {
    expect(await observe(send)).toEqual([{ kind: "new", tool: "send", digest: digestOf(send) }]);
    expect(await isReviewed(send)).toBe(false);
    const [open] = await listReviews(database.db, "mail");
    expect(open).toMatchObject({ status: "new", digest: digestOf(send) });
    expect(open?.lines).toContain('+ /description: "Sends."');
    expect(await answer(send, "approve")).toMatchObject({ status: "pinned", reviewedBy: "ana@acme.example" });
    expect(await isReviewed(send)).toBe(true);
    expect(await observe(send)).toEqual([]);
    expect(await listReviews(database.db)).toEqual([]);
  });

  it("refuses a pinned tool after one changed byte in any member, and takes it back when the server does", async () => {
    await observe(send);
    await answer(send, "approve");
    const changes: Definition[] = [
      { ...send, description: "Sends!" },
      { ...send, title: "Send\u200b" },
      { ...send, annotations: { readOnlyHint: true } },
      { ...send, inputSchema: { type: "object", properties: {} } },
      { ...send, description: "Sends.\0" },
      { ...send, icons: [] },
    ];
    for (const changed of changes) {
      expect(await observe(changed)).toEqual([
        { kind: "changed", tool: "send", digest: digestOf(changed), was: digestOf(send) },
      ]);
      expect(await isReviewed(changed)).toBe(false);
      const open = await listReviews(database.db);
      expect(open).toHaveLength(1);
      expect(open[0]?.lines.length).toBeGreaterThan(0);
    }
    expect(await observe(send)).toEqual([]);
    expect(await isReviewed(send)).toBe(true);
    expect(await listReviews(database.db)).toEqual([]);
  });

  it("is a conflict where the server lists another definition than the one that was shown", async () => {
    const shown = { ...send, description: "shown" };
    await observe(shown);
    await observe({ ...send, description: "swapped" });
    await expect(answer(shown, "approve")).rejects.toMatchObject({ code: "conflict" });
    await expect(answer({ ...list, name: "never" }, "approve")).rejects.toMatchObject({ code: "not_found" });
    expect((await readPins(database.db)).map((pin) => pin.status)).toEqual(["new"]);
  });

  it("keeps one definition in force, asks again for an older one, and keeps a no", async () => {
    const next = { ...send, description: "Sends faster." };
    const bad = { ...send, description: "Sends to us too." };
    await observe(send);
    await answer(send, "approve");
    await observe(next);
    await answer(next, "approve");
    expect(await isReviewed(next)).toBe(true);
    expect(await isReviewed(send)).toBe(false);
    expect((await observe(send)).map((change) => change.kind)).toEqual(["changed"]);
    await observe(bad);
    await answer(bad, "reject");
    expect((await observe(bad)).map((change) => change.kind)).toEqual(["rejected"]);
    expect(await isReviewed(bad)).toBe(false);
    await expect(answer(bad, "approve")).rejects.toMatchObject({ code: "conflict" });
    await expect(
      database.db.query("update tool_pin set status = 'pinned', reviewed_by = 'x', reviewed_at = now()"),
    ).rejects.toThrow();
  });

  it("notices a tool that is gone, and one that is listed twice", async () => {
    await observe(send, list);
    await answer(send, "approve");
    expect(await observe(list)).toContainEqual({ kind: "removed", tool: "send", was: digestOf(send) });
    expect(await observe(send, list)).toContainEqual({ kind: "returned", tool: "send", digest: digestOf(send) });
    expect(await isReviewed(send)).toBe(true);
    expect(await observe(send, { ...send, description: "other" }, list)).toContainEqual({
      kind: "ambiguous",
      tool: "send",
    });
  });

  it("lets a pack pin only the digest that it names, and never over a person's no", async () => {
    const pack = packSchema.parse({
      pack: "mail@1",
      package: "mail",
      version: "1.0.0",
      system: "mail",
      reviewed: "2026-11-22",
      tools: { send: { digest: digestOf(send), verb: "execute" } },
    });
    const withPack = (...definitions: Definition[]) =>
      database.db.transaction((tx) => observeDefinitions(tx, systemClock, "mail", definitions, pack));
    await observe(send);
    await answer(send, "reject");
    expect((await withPack(send)).map((change) => change.kind)).toEqual(["rejected"]);
    await database.owner.query("delete from tool_pin");
    expect(await withPack(send)).toEqual([]);
    expect(await readPins(database.db, "mail")).toMatchObject([{ status: "pinned", reviewedBy: "pack mail@1" }]);
    expect((await withPack({ ...send, title: "x" })).map((change) => change.kind)).toEqual(["changed"]);
  });

  it("records one observation at a time", async () => {
    const changed = { ...send, description: "b" };
    await Promise.all([observe(send), observe(changed), observe(send), observe(list, send)]);
    const pins = await readPins(database.db);
    expect(new Set(pins.map((pin) => `${pin.tool} ${pin.digest}`)).size).toBe(pins.length);
    await observe(send);
    expect((await listReviews(database.db)).map((open) => open.digest)).toEqual([digestOf(send)]);
  });
});
