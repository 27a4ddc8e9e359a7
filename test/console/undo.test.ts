import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, until } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
});
afterAll(() => stage?.close());

const file = (name: string) => join(stage.plane.folder, "sandbox", name);

async function approved(email: string, id: string): Promise<void> {
  const key = await stage.plane.person(email);
  const { callDigest, shownDigest } = (await stage.plane.call("GET", `/v1/approvals/${id}`, { key })).json;
  const body = { verdict: "approve", reason: "it is right", callDigest, shownDigest };
  const { status } = await stage.plane.call("POST", `/v1/approvals/${id}/answer`, { key, body });
  expect(status).toBe(200);
  await until(async () => {
    const { json } = await stage.plane.call("GET", `/v1/actions/${id}`, { key: stage.scribe });
    return json.state === "done" ? true : undefined;
  });
}

/** Bo's request to undo a write that Ana approved. */
async function undoing(name: string): Promise<{ readonly deed: string; readonly id: string }> {
  writeFileSync(file(name), "before\n");
  const deed = await stage.held(name, { content: "after\n" });
  await approved(ana, deed);
  const key = await stage.plane.person(bo);
  const { json } = await stage.plane.call("POST", `/v1/actions/${deed}/reverse`, {
    key,
    body: { reason: "too early" },
  });
  expect(json.state).toBe("held");
  return { deed, id: json.id };
}

it("a request to undo says who asks to undo what and why, and offers no edit", async () => {
  const { deed, id } = await undoing("undone.md");
  const { page, open, faults } = await stage.logIn(ana);
  await open(`/inbox/${id}`);
  await page.waitForSelector("section.answer button:not(:disabled)");
  expect(await page.textContent("article h2")).toBe(`${bo} asks to undo ${deed}`);
  expect(await page.getAttribute("article h2 a", "href")).toBe(`/actions/${deed}`);
  const said = await page.textContent('section[aria-label="The undo"]');
  expect(said).toContain(`${bo} says why: too early`);
  expect(said).toContain("scribe would execute files.write_file");
  expect(await page.textContent("article")).not.toContain("own words");
  expect(await page.textContent(`#row-${id}`)).toContain(`${bo}: undo ${deed}`);
  expect(await page.locator("text=Edit and approve").count()).toBe(0);
  await page.keyboard.press("e");
  expect(await page.locator("dialog[open]").count()).toBe(0);
  expect(faults).toEqual([]);
});

it("what an agent says of an undo is its claim, and can be edited like every call", async () => {
  const claim = `reverses act_01m825j6bwd9m3wxer95wjg1h0: ${bo} asks to undo it`;
  const id = await stage.held("claimed.md", { claim });
  const { page, open } = await stage.logIn(ana);
  await open(`/inbox/${id}`);
  await page.waitForSelector("section.answer button:not(:disabled)");
  expect(await page.textContent("article h2")).toContain("scribe wants to execute files.write_file");
  expect(await page.locator('section[aria-label="The undo"]').count()).toBe(0);
  await page.click("text=own words");
  expect(await page.textContent("article p.claim")).toContain("reverses act_");
  expect(await page.textContent(`#row-${id}`)).not.toContain("undo");
  expect(await page.locator("text=Edit and approve").count()).toBe(1);
});

it("the content of a new file is there to be read, and of a change it is the difference", async () => {
  const fresh = await stage.held("brand-new.md", { content: "to be read first\n" });
  writeFileSync(file("known.md"), "old\n");
  const known = await stage.held("known.md", { content: "new\n" });
  const { page, open } = await stage.logIn(ana);
  await open(`/inbox/${fresh}`);
  await page.waitForSelector("section.answer button:not(:disabled)");
  expect(await page.isVisible('section.raw:has-text("to be read first")')).toBe(true);
  await open(`/inbox/${known}`);
  await page.waitForSelector("table.diff");
  expect(await page.isVisible('section.raw:has-text("known.md")')).toBe(false);
});

it("whoever approves what changed since is told that it does not count, stays there, and sees it as it is now", async () => {
  writeFileSync(file("moved.md"), "first\n");
  const id = await stage.held("moved.md", { content: "mine\n" });
  const { page, open } = await stage.logIn(ana);
  await open(`/inbox/${id}`);
  await page.waitForSelector("section.answer button:not(:disabled)");
  writeFileSync(file("moved.md"), "theirs\n");
  await page.click('section.answer button:has-text("Approve")');
  await page.click("text=Send now");
  await page.waitForSelector("text=/approval does not count: the target changed since/i");
  expect(new URL(page.url()).pathname).toBe(`/inbox/${id}`);
  await page.waitForSelector('table.diff tr.gone:has-text("theirs")');
  expect(readFileSync(file("moved.md"), "utf8")).toBe("theirs\n");
  await page.waitForSelector("section.answer button:not(:disabled)");
  await page.click('section.answer button:has-text("Approve")');
  await page.click("text=Send now");
  await until(async () => (readFileSync(file("moved.md"), "utf8") === "mine\n" ? true : undefined));
});

it("the form without a script fits a phone, however long the target's name is", async () => {
  const name = `${"a-name-of-one-long-word".repeat(9)}.md`;
  const id = await stage.held(name);
  const { page } = await stage.logIn(ana, { width: 390, touch: true });
  await page.goto(`${stage.plane.url}/approvals/${id}`);
  await page.waitForSelector("form button");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  expect(await page.textContent("main")).toContain("It cannot be undone: irreversible");
});
