import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { openTestPlane, type TestPlane } from "../support/plane.ts";

let plane: TestPlane | undefined;
afterEach(async () => {
  await plane?.close();
  plane = undefined;
});
afterAll(async () => plane?.close());

it("MT-19 of a burst above its limit no more runs than the limit, and the rest is refused at once", async () => {
  plane = await openTestPlane({
    edit: {
      "workflows/docs-upkeep.yaml": (text) => text.replace(/calls: \{ perMinute: \d+/, "calls: { perMinute: 10"),
    },
  });
  const { folder, call } = plane;
  const key = await plane.agent("scribe");
  const path = join(folder, "sandbox/pages/welcome.md");
  const body = { server: "files", tool: "read_text_file", arguments: { path } };
  await call("POST", "/v1/actions", { key, body });
  const replies = await Promise.all(Array.from({ length: 40 }, () => call("POST", "/v1/actions", { key, body })));
  const done = replies.filter(({ json }) => json.state === "done");
  const refused = replies.filter(({ json }) => json.refusal === "budget");
  // A minute may turn within the burst.
  expect(done.length).toBeGreaterThan(0);
  expect(done.length).toBeLessThanOrEqual(19);
  expect(refused.length).toBe(40 - done.length);
  expect(refused[0]?.json.sentence).toContain("budget");
});

it("MT-38 a fresh installation denies everything until a workspace grants it", async () => {
  plane = await openTestPlane({
    edit: {
      "workflows/docs-upkeep.yaml": (text) =>
        text.replace(/\nallow:\n(?: {2}- .*\n)+/, "\n").replace(/\nask:\n(?: {2,4}.*\n)+/, "\n"),
    },
  });
  const { call, folder } = plane;
  const key = await plane.agent("scribe");
  const { json } = await call("GET", "/v1/catalog", { key });
  expect(json.servers).toEqual([]);
  for (const tool of ["read_text_file", "write_file", "list_directory"]) {
    const body = { server: "files", tool, arguments: { path: join(folder, "sandbox/pages/welcome.md"), content: "x" } };
    const reply = await call("POST", "/v1/actions", { key, body });
    expect(reply.json).toMatchObject({ state: "refused" });
  }
});

it("going down lets nothing new in, ends who waits, and leaves what is held to the next replica", async () => {
  plane = await openTestPlane();
  const key = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  const other = await plane.replica();
  const path = join(plane.folder, "sandbox/drained.md");
  const body = { server: "files", tool: "write_file", arguments: { path, content: "x" }, waitMs: 30_000 };
  const waiting = plane.call("POST", "/v1/actions", { key, body, url: other.url });
  const held = async () => (await plane?.database.owner.query("select 1 from open_action"))?.rowCount;
  await expect.poll(held, { timeout: 20_000 }).toBe(1);
  // Well before the half minute that it would wait.
  const started = performance.now();
  await other.close();
  expect(performance.now() - started).toBeLessThan(15_000);
  const { status, json } = await waiting;
  expect(status).toBe(202);
  expect(json.state).toBe("held");
  await expect(plane.call("GET", "/healthz", { url: other.url })).rejects.toThrow();
  expect((await plane.call("GET", `/v1/actions/${json.id}`, { key })).json.state).toBe("held");
});
