import { afterAll, beforeAll, expect, it } from "vitest";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { ana, bo } from "../support/plane.ts";
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

it("a stop that was thought better of is gone with its dialog; a name stays with its scope", async () => {
  const { page, open } = await stage.logIn(ana);
  await open("/agents");
  const dialog = page.locator("dialog[open]");
  const write = async () => {
    await page.click("nav.rail button.stop");
    await dialog.getByLabel("agent", { exact: true }).check();
    await dialog.getByLabel("Which agent").fill("scribe");
    await dialog.getByLabel("Why").fill("it writes nonsense");
    await dialog.getByLabel("Until when").selectOption({ label: "for an hour" });
    await dialog.getByLabel("refuse what is held").check();
  };
  await write();
  // What a reload closes is there again, and what was written for an agent names no tool.
  await dialog.getByLabel("tool", { exact: true }).check();
  await page.reload();
  await page.click("nav.rail button.stop");
  expect(await dialog.getByLabel("Which tool").inputValue()).toBe("");
  expect(await dialog.getByLabel("Why").inputValue()).toBe("it writes nonsense");
  for (const close of ["Escape", "Not now"]) {
    if (close === "Escape") await page.keyboard.press(close);
    else await dialog.getByRole("button", { name: close }).click();
    await page.click("nav.rail button.stop");
    expect(await dialog.getByLabel("everything", { exact: true }).isChecked()).toBe(true);
    expect(await dialog.getByLabel("Why").inputValue()).toBe("");
    expect(await dialog.getByLabel("Until when").inputValue()).toBe("0");
    expect(await dialog.getByLabel("refuse what is held").isChecked()).toBe(false);
    await page.keyboard.press("Escape");
    await write();
  }
});

it("another person who logs in in another tab is shown nothing in this one that was read for the first", async () => {
  const id = await stage.held("of-ana.md");
  const key = await stage.plane.person(ana);
  const { callDigest, shownDigest } = (await stage.plane.call("GET", `/v1/approvals/${id}`, { key })).json;
  const body = { verdict: "deny", reason: "between me and the agent", callDigest, shownDigest };
  await stage.plane.call("POST", `/v1/approvals/${id}/answer`, { key, body });
  const { page, context, open } = await stage.logIn(ana);
  await open("/inbox/answers");
  await page.waitForSelector("text=between me and the agent");
  await page.click('nav[aria-label="Views of the inbox"] a:has-text("Load")');
  await page.waitForURL("**/inbox/load");
  // From now on nothing new is read here but who looks.
  await page.route("**/v1/answers**", () => undefined);
  const other = await context.newPage();
  await context.clearCookies();
  const link = (await invite(stage.plane.running.control, "countersign", bo)).shownOnce.reveal();
  await other.goto(`${stage.plane.url}/login?link=${link}`);
  await other.click("button");
  await other.waitForURL(`${stage.plane.url}/`);
  await page.bringToFront();
  await expect
    .poll(async () => {
      await page.evaluate(() => dispatchEvent(new Event("visibilitychange")));
      return page.textContent(".you summary");
    })
    .toContain("Bo");
  await page.click('nav[aria-label="Views of the inbox"] a:has-text("Answered")');
  await page.waitForURL("**/inbox/answers");
  await page.waitForTimeout(200);
  expect(await page.textContent("main")).not.toContain("between me and the agent");
});
