import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, until } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

const workflow = `workflow: docs-upkeep
purpose: keep the pages in the sandbox true
dri: ${ana}
deputy: ${bo}
pattern: autonomous-nonprod
agents: [scribe]
tier: 2
allow:
  - files.read_text_file
  - files.write_file
`;

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole({ edit: { "workflows/docs-upkeep.yaml": () => workflow } });
});
afterAll(() => stage?.close());

const file = (name: string) => join(stage.plane.folder, "sandbox", name);
const text = (name: string) => readFileSync(file(name), "utf8");

async function written(...names: string[]): Promise<string> {
  const body = { agent: "scribe", task: "bring the pages up to date" };
  const run = (await stage.plane.call("POST", "/v1/runs", { key: await stage.plane.person(ana), body })).json.id;
  for (const name of names) {
    writeFileSync(file(name), "old\n");
    const call = { server: "files", tool: "write_file", arguments: { path: file(name), content: "new\n" }, run };
    const { json } = await stage.plane.call("POST", "/v1/actions", { key: stage.scribe, body: call });
    expect(json.state).toBe("done");
  }
  return run;
}

it("a run is reversed from its page: shown first, asked for with a reason, and followed to its end", async () => {
  const run = await written("one.md", "two.md");
  const { page, open, faults } = await stage.logIn(ana);
  await open(`/runs/${run}`);
  await page.click("text=Reverse the run …");
  await page.waitForSelector("dialog >> text=2 can be undone, 0 cannot, 0 were already.");
  expect(await page.locator("dialog ol.reversal-lines > li").count()).toBe(2);
  expect(text("two.md")).toBe("new\n");
  await page.fill("dialog textarea", "it was the wrong brief");
  await page.click("dialog >> text=Reverse it");
  await page.waitForSelector("section.reversal h2:has-text('It was reversed')");
  expect(await page.textContent("section.reversal [role=status]")).toContain("2 of 2 undone");
  expect(await page.locator("section.reversal li:has-text('undone')").count()).toBe(2);
  expect([text("one.md"), text("two.md")]).toEqual(["old\n", "old\n"]);
  expect(faults).toEqual([]);
});

it("one that took in the runs under it still does where somebody goes on with it", async () => {
  const run = await written("five.md");
  const key = await stage.plane.person(ana);
  const stop = { scope: "agent", name: "scribe", reason: "look first" };
  const made = (await stage.plane.call("POST", "/v1/stops", { key, body: stop })).json;
  const asked = { reason: "it was the wrong brief", children: true };
  await stage.plane.call("POST", `/v1/runs/${run}/reverse`, { key, body: asked });
  await until(async () => {
    const { json } = await stage.plane.call("GET", `/v1/runs/${run}/reversal`, { key });
    return json.state === "stopped" ? true : undefined;
  });
  const lift = { key: await stage.plane.person(bo), body: { reason: "looked" } };
  expect((await stage.plane.call("POST", `/v1/stops/${made.stop.id}/lift`, lift)).status).toBe(200);
  const { page, open, faults } = await stage.logIn(ana);
  await open(`/runs/${run}`);
  await page.click("text=Go on reversing …");
  await page.waitForSelector("dialog >> text=1 can be undone");
  expect(await page.isChecked("dialog input[type=checkbox]")).toBe(true);
  expect(await page.isDisabled("dialog input[type=checkbox]")).toBe(true);
  await page.fill("dialog textarea", "looked");
  await page.click("dialog >> text=Reverse it");
  await page.waitForSelector("section.reversal h2:has-text('It was reversed')");
  expect(text("five.md")).toBe("old\n");
  expect(faults).toEqual([]);
});

it("one that waits for a person leads to the request, and goes on by itself once that is answered", async () => {
  const run = await written("three.md", "four.md");
  appendFileSync(file("four.md"), "a person's line\n");
  const { page, open, faults } = await stage.logIn(ana);
  await open(`/runs/${run}`);
  await page.click("text=Reverse the run …");
  await page.waitForSelector("dialog li:has-text('Its target changed since')");
  await page.fill("dialog textarea", "it was the wrong brief");
  await page.click("dialog >> text=Reverse it");
  await page.waitForSelector("section.reversal h2:has-text('Its reversal waits')");
  const href = (await page.getAttribute("section.reversal a[href^='/inbox/']", "href")) ?? "";
  const id = href.replace("/inbox/", "");
  expect(text("three.md")).toBe("new\n");
  expect(await page.locator("text=Reverse the run …").count()).toBe(0);
  const key = await stage.plane.person(bo);
  const { callDigest, shownDigest } = (await stage.plane.call("GET", `/v1/approvals/${id}`, { key })).json;
  const body = { verdict: "approve", reason: "the brief was wrong", callDigest, shownDigest };
  expect((await stage.plane.call("POST", `/v1/approvals/${id}/answer`, { key, body })).status).toBe(200);
  await page.waitForSelector("section.reversal h2:has-text('It was reversed')");
  await until(async () => (text("three.md") === "old\n" ? true : undefined));
  expect(faults).toEqual([]);
});

it("one that waits is given up from the page of its run, with a reason, and can be asked for anew", async () => {
  const run = await written("six.md", "seven.md");
  appendFileSync(file("seven.md"), "a person's line\n");
  const key = await stage.plane.person(ana);
  await stage.plane.call("POST", `/v1/runs/${run}/reverse`, { key, body: { reason: "it was the wrong brief" } });
  const { page, open, faults } = await stage.logIn(bo);
  await open(`/runs/${run}`);
  await page.waitForSelector("section.reversal h2:has-text('Its reversal waits')");
  const id = ((await page.getAttribute("section.reversal a[href^='/inbox/']", "href")) ?? "").replace("/inbox/", "");
  await page.click("text=Give it up …");
  await page.fill("dialog textarea", "the pages are right after all");
  await page.click("dialog >> text='Give it up'");
  await page.waitForSelector("section.reversal h2:has-text('Its reversal was given up')");
  expect(await page.textContent("section.reversal [role=status]")).toContain("0 of 2 undone; 2 stayed");
  expect(await page.locator("text=Give it up …").count()).toBe(0);
  await page.waitForSelector("text=Reverse the run …");
  expect((await stage.plane.call("GET", `/v1/actions/${id}`, { key })).json).toMatchObject({ refusal: "cancelled" });
  expect(text("six.md")).toBe("new\n");
  expect(faults).toEqual([]);
});
