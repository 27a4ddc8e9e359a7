import { afterAll, beforeAll, expect, it } from "vitest";
import { ana } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

/** What an address says: to whoever opens it, to whoever comes after them at the same browser, and to programs. */
let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
});
afterAll(() => stage?.close());

const nobody = "01m825ak74d16nd9rpt2s43shj";

const bogus = [
  "/stops/bogus",
  "/agents/no%20such",
  "/runs/act_1",
  "/ledger/1",
  "/actions/bogus",
  "/notices/1",
  "/tools/bogus",
];

it("where an address can be that of nothing, the console's own page says so, with the status of that, and leads on", async () => {
  const { page } = await stage.logIn(ana);
  for (const path of bogus) {
    const answer = await page.goto(`${stage.plane.url}${path}`);
    expect(answer?.status(), path).toBe(404);
    await page.waitForSelector("main h1 >> text=There is nothing at this address");
    expect(await page.title(), path).toBe("Nothing here · Countersign");
    await page.click('nav.rail a:has-text("Runs")');
    await page.waitForSelector("h1 >> text=Runs");
  }
});

it("an address that is well formed is a page, whatever is there; one that cannot be is never answered from a cache", async () => {
  const { url } = stage.plane;
  for (const path of [`/stops/stp_${nobody}`, `/inbox/act_${nobody}`, "/inbox/", "/inbox/load", "/agents/nobody"])
    expect((await fetch(`${url}${path}`)).status, path).toBe(200);
  const good = await fetch(`${url}/inbox`);
  const headers = { "if-none-match": good.headers.get("etag") ?? "" };
  expect((await fetch(`${url}/inbox`, { headers })).status).toBe(304);
  const bogus = await fetch(`${url}/inbox/bogus`, { headers });
  expect([bogus.status, bogus.headers.get("etag")]).toEqual([404, null]);
  expect(bogus.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(await bogus.text()).toBe(await good.text());
  expect((await fetch(`${url}/inbox/bogus`, { method: "HEAD" })).status).toBe(404);
});

it("what a provider sent the browser back with stands in no address once nobody was logged in by it", async () => {
  const context = await stage.browser.newContext();
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => faults.push(message.text()));
  const { url } = stage.plane;
  await page.goto(`${url}/login`);
  const answer = await page.goto(`${url}/login/callback?code=c0de&state=st4te`);
  expect(answer?.status()).toBe(401);
  expect(await page.textContent("h1")).toBe("Not logged in");
  expect(page.url()).toBe(`${url}/login`);
  // Also not where what came with it cannot be read at all.
  await page.goto(`${url}/login/callback?code=${"c".repeat(8_001)}`);
  expect(page.url()).toBe(`${url}/login`);
  expect(faults.filter((text) => /Content Security Policy/i.test(text))).toEqual([]);
  const before: string[] = [];
  for (await page.goto(`${url}/plain`); page.url() !== "about:blank"; await page.goBack()) before.push(page.url());
  expect(new Set(before)).toEqual(new Set([`${url}/plain`, `${url}/login`]));
  await page.goto(`${url}/login/callback?code=c0de&state=st4te`);
  await page.reload();
  expect(await page.textContent("h1")).toBe("Log in");
  await context.close();
});
