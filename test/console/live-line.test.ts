import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo } from "../support/plane.ts";
import { openHoldingProxy } from "./holding-proxy.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
});
afterAll(() => stage?.close());

const broken = "text=no live line";

/** From here on the page's own clock stands still: what it reads again by the clock alone it does not read. */
async function stopClock(page: Page): Promise<void> {
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 10_000);
}

/** Shown by what came over the line: the page is given the moments that a piece of news takes, and no more than 5 s of them. */
async function showsByLine(page: Page, id: string): Promise<void> {
  const look = async (): Promise<number> => {
    await page.clock.runFor(60);
    return page.locator(`#row-${id}`).count();
  };
  await expect.poll(look, { interval: 250 }).toBe(1);
}

it("a line that was refused is opened again, and what was missed shows", async () => {
  const { page, open } = await stage.logIn(bo);
  await page.clock.install();
  const statuses = [502, 503, 429];
  let opened = 0;
  await page.route("**/v1/stream", async (route) => {
    const status = statuses[opened];
    opened += 1;
    if (status !== undefined) await route.fulfill({ status, body: "not now" });
    else await route.continue();
  });
  await open("/inbox");
  await page.waitForSelector(broken);
  await page.waitForSelector(broken, { state: "detached", timeout: 30_000 });
  expect(opened).toBe(4);
  // It is live: what happens shows before anything is read again by itself.
  await stopClock(page);
  await showsByLine(page, await stage.held("after-refusals.md"));
});

it("behind a proxy that holds events back what is new shows all the same", async () => {
  const proxy = await openHoldingProxy(stage.plane.url);
  proxy.holds = true;
  const { page } = await stage.logIn(bo);
  await page.goto(`${proxy.url}/inbox`);
  await page.waitForSelector("main h1");
  await page.waitForSelector("text=/request.? wait|no request waits/");
  const id = await stage.held("held-back.md");
  await page.waitForSelector(`#row-${id}`, { timeout: 20_000 });
  await page.close();
  await proxy.close();
});

it("a line on which no beat comes is said to be broken, and is live again once one comes", async () => {
  const proxy = await openHoldingProxy(stage.plane.url);
  const { page } = await stage.logIn(ana);
  await page.clock.install();
  await page.goto(`${proxy.url}/inbox`);
  await page.waitForSelector("main h1");
  const id = await stage.held("before-the-hold.md");
  await page.waitForSelector(`#row-${id}`);
  expect(await page.locator(broken).count()).toBe(0);
  proxy.holds = true;
  await page.clock.fastForward(30_000);
  expect(await page.locator(broken).count()).toBe(0);
  await page.clock.fastForward(12_000);
  await page.waitForSelector(broken);
  proxy.holds = false;
  await page.clock.fastForward(31_000);
  await page.waitForSelector(broken, { state: "detached" });
  await page.close();
  await proxy.close();
});

it("what happens while a line is broken shows once it is live again, also where nothing came over it before", async () => {
  const proxy = await openHoldingProxy(stage.plane.url);
  const { page } = await stage.logIn(bo);
  await page.clock.install();
  await page.goto(`${proxy.url}/inbox`);
  await page.waitForSelector(".top .line a");
  await stopClock(page);
  const heard = page.waitForRequest((request) => request.url().endsWith("/v1/stream"));
  proxy.cut();
  const id = await stage.held("in-the-gap.md");
  await heard;
  await showsByLine(page, id);
  await page.close();
  await proxy.close();
});

it("whose logins were ended sees so at once, and their page tries nothing on", async () => {
  const { page, open } = await stage.logIn("cy@acme.example");
  await open("/inbox");
  const key = await stage.plane.person(ana);
  const heard: string[] = [];
  page.on("request", (request) => heard.push(request.url()));
  await stage.plane.call("POST", "/v1/people/cy@acme.example/end-logins", { key, body: { reason: "a test" } });
  await page.waitForSelector("text=You are not logged in", { timeout: 20_000 });
  heard.length = 0;
  await page.waitForTimeout(6_000);
  expect(heard.filter((url) => url.includes("/v1/stream"))).toEqual([]);
});
