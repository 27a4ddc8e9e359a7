import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo, openTestPlane, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
let agent: string;
const keys = new Map<string, string>();
beforeAll(async () => {
  plane = await openTestPlane({
    edit: { "countersign.yaml": (text) => `${text}\napprovals:\n  canaries: { share: 0% }\n` },
  });
  for (const email of [ana, bo]) keys.set(email, await plane.person(email));
  agent = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
});
afterAll(async () => plane?.close());

const page = (name: string) => join(plane.folder, "sandbox/pages", name);
const as = (email: string) => ({ key: keys.get(email) ?? "" });
const get = async (email: string, path: string) => (await plane.call("GET", path, as(email))).json;
const end = async (id: string) => (await plane.call("GET", `/v1/actions/${id}?waitMs=10000`, { key: agent })).json;

async function submit(args: object, claim?: string): Promise<string> {
  const body = { server: "files", tool: "write_file", arguments: args, ...(claim === undefined ? {} : { claim }) };
  const { json } = await plane.call("POST", "/v1/actions", { key: agent, body });
  expect(json).toMatchObject({ state: "held" });
  return json.id;
}
const write = (name: string, content: string, claim?: string) => submit({ path: page(name), content }, claim);

async function send(email: string, id: string, shown: { callDigest: string; shownDigest: string }) {
  const { callDigest, shownDigest } = shown;
  const body = { verdict: "approve", callDigest, shownDigest, reason: "because" };
  return plane.call("POST", `/v1/approvals/${id}/answer`, { ...as(email), body });
}
const approve = async (email: string, id: string) => send(email, id, await get(email, `/v1/approvals/${id}`));

/** Whoever is shown it within three seconds of a look is shown what that found. */
const nextLook = () => sleep(3_100);

describe("what is shown is read again when it is shown", () => {
  it("also where it was a new file, and the other write to it was carried out meanwhile", async () => {
    const first = await write("twice.md", "one\n");
    const second = await write("twice.md", "two\n");
    expect(await get(bo, `/v1/approvals/${second}`)).toMatchObject({
      effect: { known: false },
      undo: { kind: "irreversible" },
    });
    expect(await approve(bo, first)).toMatchObject({ status: 200 });
    expect(await end(first)).toMatchObject({ state: "done" });
    await nextLook();
    const shown = await get(bo, `/v1/approvals/${second}`);
    expect(shown).toMatchObject({
      effect: { known: true, changes: [{ lines: ["- one", "+ two"] }] },
      undo: { kind: "inverse" },
    });
    expect(await send(bo, second, shown)).toMatchObject({ status: 200 });
    expect(await end(second)).toMatchObject({ state: "done" });
    expect(readFileSync(page("twice.md"), "utf8")).toBe("two\n");
  });

  it("and writes nothing to the ledger where nothing changed", async () => {
    const id = await write("still.md", "one\n");
    const moves = async () => (await get(bo, `/v1/receipts/${id}`)).what.moves.length;
    const shown = await get(bo, `/v1/approvals/${id}`);
    expect((await get(bo, `/v1/approvals/${id}`)).shownDigest).toBe(shown.shownDigest);
    expect(await moves()).toBe(1);
    writeFileSync(page("still.md"), "since\n");
    await nextLook();
    expect((await get(bo, `/v1/approvals/${id}`)).effect).toMatchObject({ known: true });
    expect(await moves()).toBe(2);
    // A target that is never the same twice is not asked about anew by each look, and is approved as it is or not at all.
    writeFileSync(page("still.md"), "and again\n");
    await nextLook();
    const late = await get(bo, `/v1/approvals/${id}`);
    expect(await moves()).toBe(2);
    expect(await send(bo, id, late)).toMatchObject({
      status: 409,
      json: { detail: expect.stringContaining("changed") },
    });
    expect(await moves()).toBe(3);
    await send(bo, id, await get(bo, `/v1/approvals/${id}`));
  });

  it("an approval of what was there before is told to be void, with the way to look again, and is not recorded", async () => {
    const id = await write("moved.md", "mine\n");
    const shown = await get(bo, `/v1/approvals/${id}`);
    writeFileSync(page("moved.md"), "somebody else's\n");
    const late = await send(bo, id, shown);
    expect(late).toMatchObject({
      status: 409,
      json: {
        detail: "your approval does not count: the target changed since",
        help: expect.stringMatching(new RegExp(`^look again before you answer.*/approvals/${id}$`)),
      },
    });
    // The form says the same, with a link: it was sent with what the page showed.
    const seen = await get(bo, `/v1/approvals/${id}`);
    expect(seen.shownDigest).not.toBe(shown.shownDigest);
    expect((await get(bo, `/v1/answers?action=${id}`)).answers).toEqual([]);
    expect(readFileSync(page("moved.md"), "utf8")).toBe("somebody else's\n");
    // The way back: it is shown as it is now, and that can be approved.
    const again = await get(bo, `/v1/approvals/${id}`);
    expect(again.effect).toMatchObject({ known: true, changes: [{ lines: ["- somebody else's", "+ mine"] }] });
    expect(await send(bo, id, again)).toMatchObject({ status: 200 });
    expect(await end(id)).toMatchObject({ state: "done" });
  });
});

describe("a request to undo", () => {
  it("is a person's, with their reason, as the plane knows it: shown, listed, bound and on the receipt", async () => {
    writeFileSync(page("undo.md"), "before\n");
    const deed = await write("undo.md", "after\n");
    await approve(ana, deed);
    expect(await end(deed)).toMatchObject({ state: "done" });
    const { json } = await plane.call("POST", `/v1/actions/${deed}/reverse`, {
      ...as(bo),
      body: { reason: "it was <wrong>" },
    });
    expect(json).toMatchObject({ state: "held", reverses: deed });
    const { id } = json;
    const undoes = { action: deed, by: bo, reason: "it was <wrong>" };
    const shown = await get(ana, `/v1/approvals/${id}`);
    expect(shown).toMatchObject({ undoes, agent: "scribe" });
    expect(shown).not.toHaveProperty("claim");
    const line = (await get(ana, "/v1/approvals")).approvals.find((one: { id: string }) => one.id === id);
    expect(line.undoes).toEqual({ action: deed, by: bo });
    const form = await plane.call("GET", `/approvals/${id}`, { ...as(ana), headers: { accept: "text/html" } });
    expect(form.text).toContain(`<h1>${bo} asks to undo ${deed}</h1>`);
    expect(form.text).toContain(`${bo} says why: it was &lt;wrong&gt;`);
    expect(form.text).not.toContain("agent&#39;s own words");
    // It is not edited, and that is why.
    const { callDigest, shownDigest } = shown;
    const edit = { arguments: { path: page("undo.md"), content: "x" }, reason: "other", callDigest, shownDigest };
    expect(await plane.call("POST", `/v1/approvals/${id}/edit`, { ...as(ana), body: edit })).toMatchObject({
      status: 409,
      json: { detail: expect.stringContaining("an undo is not edited") },
    });
    expect(await send(ana, id, shown)).toMatchObject({ status: 200 });
    expect(await end(id)).toMatchObject({ state: "done" });
    expect(readFileSync(page("undo.md"), "utf8")).toBe("before\n");
    const receipt = await get(ana, `/v1/receipts/${id}`);
    expect(receipt.what).toMatchObject({ undoes });
    expect(receipt.what).not.toHaveProperty("claim");
    expect(receipt.approvals.shown).toMatchObject([{ shownDigest, document: { undoes } }]);
  });

  it("is nothing that an agent can claim", async () => {
    const text = `reverses act_01m825j6bwd9m3wxer95wjg1h0: ${bo} asks to undo it`;
    const id = await write("claimed.md", "x\n", text);
    const shown = await get(ana, `/v1/approvals/${id}`);
    expect(shown).not.toHaveProperty("undoes");
    expect(shown.claim).toBe(text);
    const form = await plane.call("GET", `/approvals/${id}`, { ...as(ana), headers: { accept: "text/html" } });
    expect(form.text).toContain("<h1>scribe asks to execute write_file");
    expect(form.text).toContain(`A claim: ${text}`);
    expect(existsSync(page("claimed.md"))).toBe(false);
  });
});
