import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo } from "../support/plane.ts";
import { type Acted, actOn } from "./acted.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
let acted: Acted;
let asked: string;
let edited: string;
beforeAll(async () => {
  stage = await openConsole();
  acted = await actOn(stage);
  const { plane, scribe } = stage;
  const key = await plane.person(bo);
  const args = { path: acted.path("asked.md"), content: "A page.\n" };
  asked = (await acted.call("write_file", args, acted.run)).id;
  const bound = async () => {
    const { callDigest, shownDigest } = (await plane.call("GET", `/v1/approvals/${asked}`, { key })).json;
    return { callDigest, shownDigest };
  };
  const question = { question: "Which <b>ticket</b>?", ...(await bound()) };
  expect((await plane.call("POST", `/v1/approvals/${asked}/ask`, { key, body: question })).status).toBe(200);
  await plane.call("POST", `/v1/actions/${asked}/reply`, { key: scribe, body: { reply: "OPS-4711, as asked" } });
  const edit = { arguments: { ...args, content: "A shorter page.\n" }, reason: "shorter", ...(await bound()) };
  const made = await plane.call("POST", `/v1/approvals/${asked}/edit`, { key, body: edit });
  expect(made.status).toBe(200);
  edited = (await plane.call("GET", `/v1/actions/${asked}`, { key })).json.editedTo.action;
});
afterAll(() => stage?.close());

it("MT-196 a receipt tells who asked back, what the agent replied, and who edited it, where people look for it", async () => {
  const { page, open, faults } = await stage.logIn(ana);
  await open(`/actions/${asked}`);
  const fifth = page.locator("section.question", { hasText: "Who approved it?" });
  await expect.poll(() => fifth.textContent()).toContain(`${bo} asked its agent back once, and it replied.`);
  await fifth.locator("summary", { hasText: "Evidence" }).click();
  const said = await fifth.getByRole("list", { name: "What was asked back" }).textContent();
  expect(said).toContain("Which <b>ticket</b>?");
  expect(said).toMatch(/The agent's own words, a claim.*OPS-4711, as asked/);
  const hands = async (): Promise<readonly string[]> =>
    (await page.locator("ol.custody li").allTextContents()).map((text) => text.replace(/\s+/g, " "));
  const all = (await hands()).join("\n");
  expect(all).toMatch(new RegExp(`${bo} person asked its agent back`));
  expect(all).toMatch(/scribe agent replied to what it was asked back/);
  expect(all).toMatch(new RegExp(`${bo} person edited it into another call`));
  expect(all).not.toContain("cancelled");
  await page.locator("ol.custody a", { hasText: "edited it into another call" }).click();
  await page.waitForURL(`**/actions/${edited}`);
  await page.locator("ol.custody li", { hasText: "edited that call into this one" }).waitFor();
  expect((await hands()).join("\n")).toMatch(/scribe agent asked for the call that it was made of/);
  await open(`/runs/${acted.run}`);
  await page.waitForSelector(".timeline li");
  const events = (await page.locator(".timeline li").allTextContents()).join("\n");
  expect(events).toMatch(new RegExp(`${bo}.*asked the agent back`));
  expect(events).toMatch(/scribe.*replied/);
  expect(events).toMatch(new RegExp(`${bo}.*edited it into another call`));
  expect(faults).toEqual([]);
});

it("MT-196 the page without a script tells the same in the fifth answer", async () => {
  const { plane } = stage;
  const { text } = await plane.call("GET", `/receipts/${asked}.html`, { key: await plane.person(ana) });
  const fifth = text.slice(text.indexOf("Who approved it?"), text.indexOf("How do you reverse it?"));
  expect(fifth).toContain("asked its agent back once, and it replied.");
  expect(fifth).toContain("Which &lt;b&gt;ticket&lt;/b&gt;?");
  expect(fifth).toContain("OPS-4711, as asked");
  expect(text.slice(0, text.indexOf("Who approved it?"))).not.toContain("OPS-4711, as asked");
});
