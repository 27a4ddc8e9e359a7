import { afterAll, beforeAll, expect, it } from "vitest";
import { ana } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
});
afterAll(() => stage?.close());

it("MT-21 the console is in three areas: governing access, measuring outcomes, keeping ownership clear", async () => {
  const { page, faults } = await stage.logIn(ana);
  await page.waitForSelector("nav.rail section");
  expect(await page.locator("nav.rail section h2").allTextContents()).toEqual([
    "Govern access",
    "Measure outcomes",
    "Keep ownership clear",
  ]);
  for (const noun of await page.locator("nav.rail section a").allTextContents()) {
    await page.click(`nav.rail section a:has-text("${noun.replace(/ .*/, "")}")`);
    await page.waitForSelector("main h1");
  }
  expect(faults).toEqual([]);
});

it("MT-50 what is wrong comes before how much is done in the line that every page begins with", async () => {
  const { page } = await stage.logIn(ana);
  await page.waitForSelector(".line a");
  const links = await page.locator(".line a").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
  expect(links.indexOf("/stops")).toBeLessThan(links.indexOf("/agents"));
  expect(links.indexOf("/inbox")).toBeLessThan(links.indexOf("/agents"));
});

it("nobody who is not logged in sees more than how to be, and the page loads nothing from elsewhere", async () => {
  const context = await stage.browser.newContext();
  const page = await context.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).origin));
  await page.goto(`${stage.plane.url}/inbox`);
  expect(await page.textContent("h1")).toBe("Countersign");
  expect(await page.textContent("main")).toContain("You are not logged in");
  expect(new Set(asked)).toEqual(new Set([stage.plane.url]));
  await context.close();
});

it("two keys in a row go somewhere, and the second of them answers nothing; going on sends what was given", async () => {
  const id = await stage.held("pairs.md");
  const { page, open } = await stage.logIn(ana);
  await open(`/inbox/${id}`);
  await page.waitForSelector("section.answer button:not(:disabled)");
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.waitForURL(/\/agents/);
  const state = async () => (await stage.plane.call("GET", `/v1/actions/${id}`, { key: stage.scribe })).json.state;
  expect(await state()).toBe("held");
  await open(`/inbox/${id}`);
  await page.waitForSelector("section.answer button:not(:disabled)");
  await page.keyboard.press("a");
  await page.waitForSelector("text=Take it back");
  await page.click('nav.rail a:has-text("Runs")');
  await page.waitForSelector(".outcome >> text=/You approved/");
  // It ends after it was answered, and the line says so without being asked.
  await page.waitForSelector(".outcome >> text=/It is done now/");
  await expect.poll(state).toBe("done");
});
