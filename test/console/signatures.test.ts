import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, cy } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
});
afterAll(() => stage?.close());

const view = "/policies?view=signatures";

it("what waits for a second person is listed as it comes, leads to where it is signed, and goes once it is", async () => {
  const { plane } = stage;
  const key = await plane.person(ana);
  const visit = await stage.logIn(bo);
  const { page } = visit;
  await visit.open(view);
  await page.waitForSelector(".empty >> text=Nothing waits for a second person.");
  expect(await page.locator(".line >> text=your signature").count()).toBe(0);
  // Somebody asks meanwhile: it comes without another load of the page.
  const { files } = (await plane.call("GET", "/v1/workspace/files", { key })).json;
  const name = "countersign.yaml";
  const changed = { ...files, [name]: files[name].replace("name: Bo\n", "name: Bob\n") };
  expect(changed[name]).not.toBe(files[name]);
  const { proposal } = (await plane.call("POST", "/v1/workspace/apply", { key, body: { files: changed } })).json;
  const yours = page.locator("section[aria-label='Waits for your signature']");
  await yours.locator(`text=${ana} asks to put rules in force`).waitFor();
  await page.waitForSelector(".line >> text=1 proposal waits for your signature");
  const waiver = { agent: "scribe", workflow: "docs-upkeep", tier: 1, days: 7, reason: "the pages move" };
  expect((await plane.call("POST", "/v1/waivers", { key, body: waiver })).status).toBe(201);
  await page.waitForSelector("main >> text=asks for tier 1 for scribe in docs-upkeep for 7 days");
  // Who asked sees it among those that wait for others.
  const own = await stage.logIn(ana);
  await own.open(view);
  const others = own.page.locator('section[aria-label="Waits for somebody else\'s"]');
  await others.locator("text=Look at it, or take it back").waitFor();
  expect(await own.page.locator("section[aria-label='Waits for your signature']").count()).toBe(0);
  // Who may sign nothing is not told to.
  const third = await stage.logIn(cy);
  await third.open(view);
  await third.page.waitForSelector('section[aria-label="Waits for somebody else\'s"]');
  expect(await third.page.locator(".line >> text=your signature").count()).toBe(0);
  await yours.locator(`a[href='/proposals/${proposal}']`).click();
  await page.waitForURL(`**/proposals/${proposal}`);
  await page.click("button[value=sign]");
  await page.waitForSelector("h1 >> text=It is in force");
  await visit.open(view);
  await page.waitForSelector("main >> text=asks for tier 1");
  expect(await page.locator("main >> text=asks to put rules in force").count()).toBe(0);
  expect(visit.faults).toEqual([]);
});
