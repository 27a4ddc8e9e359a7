import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { browserArgs, findBrowser } from "../../scripts/browser.ts";
import { type ConnectedPlane, openConnectedPlane } from "../support/connected-plane.ts";
import { ana } from "../support/plane.ts";

/** The button of the provider's second page: the first one has a button, too. */
const consent = "form:has(input[name=prompt][value=consent]) button[type=submit]";

let world: ConnectedPlane;
let browser: Browser;
beforeAll(async () => {
  world = await openConnectedPlane({ for: "person" });
  browser = await chromium.launch({ executablePath: findBrowser(), args: browserArgs, timeout: 180_000 });
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

it("a person who is logged in connects in a real browser without a script, and its history holds no code", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const broken: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy|Refused/i.test(message.text())) broken.push(message.text());
  });
  const link = (await invite(world.plane.running.control, "countersign", ana)).shownOnce.reveal();
  await page.goto(`${world.plane.url}/login?link=${link}`);
  await page.click("button");
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
  const begun = await world.begin(ana);
  await page.goto(begun.json.url);
  expect(await page.textContent("h1")).toBe(`Connect tickets for ${ana}`);
  await page.click("button");
  await page.click("text=Go on to 127.0.0.1");
  // The provider's own pages.
  await page.fill("input[name=login]", "ana-at-tickets");
  await page.fill("input[name=password]", "x");
  await page.click("button[type=submit]");
  await page.click(consent);
  await page.waitForURL(/\/connect\/cns_/);
  expect(await page.textContent(".state")).toBe("connected");
  expect(page.url()).not.toMatch(/code=|state=/);
  expect(broken).toEqual([]);
  const cookies = await context.cookies(world.plane.url);
  const bound = cookies.find(({ name }) => name === `countersign-${begun.json.id}`);
  expect(bound).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  await page.goBack();
  expect(page.url()).not.toMatch(/callback/);
  await context.close();
});

it("a browser in which nobody is logged in shows a code, and goes on once it was typed", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const begun = await world.begin(ana);
  await page.goto(begun.json.url);
  await page.click("button");
  const code = (await page.textContent("pre")) ?? "";
  await page.click("text=I have typed it");
  expect(await page.locator("text=Go on to").count()).toBe(0);
  const key = await world.plane.person(ana);
  await world.plane.call("POST", `/v1/consents/${begun.json.id}/confirm`, { key, body: { code } });
  await page.click("text=I have typed it");
  await page.click("text=Go on to 127.0.0.1");
  await page.fill("input[name=login]", "ana-at-tickets");
  await page.fill("input[name=password]", "x");
  await page.click("button[type=submit]");
  await page.click(consent);
  await page.waitForURL(/\/connect\/cns_/);
  expect(await page.textContent(".state")).toBe("connected");
  await context.close();
});
