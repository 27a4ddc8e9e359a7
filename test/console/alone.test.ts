import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { browserArgs, findBrowser } from "../../scripts/browser.ts";
import { ana, bo, openTestPlane, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  // The example's organisation with nobody but Ana in it.
  const others = (text: string) => text.replaceAll(bo, ana);
  const edit = {
    "countersign.yaml": (text: string) =>
      others(text.replace(/ {2}- email: bo@[\s\S]*?(?=\ngroups:)/, "")).replace(
        "people:",
        "singlePerson: true\npeople:",
      ),
    "workflows/docs-upkeep.yaml": (text: string) => others(text.replace(/^deputy: .*\n/m, "")),
    "workflows/repo-survey.yaml": (text: string) => others(text.replace(/^deputy: .*\n/m, "")),
  };
  plane = await openTestPlane({ edit });
  browser = await chromium.launch({ executablePath: findBrowser(), args: browserArgs });
  page = await (await browser.newContext({ reducedMotion: "reduce", timezoneId: "Asia/Tokyo" })).newPage();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: plane.url });
  const link = (await invite(plane.running.control, "countersign", ana)).shownOnce.reveal();
  await page.goto(`${plane.url}/login?link=${link}`);
  await page.click("button");
  await page.waitForURL(`${plane.url}/`);
});
afterAll(async () => {
  await browser?.close();
  await plane?.close();
});

const dialog = () => page.locator("dialog[open]");

describe("an organisation of one person", () => {
  it("stops until a moment that the person chooses, and is never told of a second one", async () => {
    await page.goto(`${plane.url}/stops`);
    await page.waitForSelector("text=Nothing is stopped, and nothing ever was.");
    expect(await page.textContent("main")).toContain("Your organisation is one person: you lift it yourself.");
    await page.click("nav.rail button.stop");
    await dialog().getByLabel("Why").fill("a look at it first");
    await dialog().getByLabel("Until when").selectOption("until a moment that you choose");
    await dialog().getByText("In the time of Asia/Tokyo").waitFor();
    const until = dialog().locator("input[name=until]");
    // What is past is refused by the field itself; nothing is sent.
    await until.fill("2020-01-01T10:00");
    await dialog().locator("button[type=submit]").click();
    expect(await until.evaluate((field: HTMLInputElement) => field.validity.rangeUnderflow)).toBe(true);
    // Tomorrow at 09:30 in the time of the viewer, which is not that of this process.
    const day = new Date(Date.now() + 86_400_000 + 32_400_000).toISOString().slice(0, 10);
    await until.fill(`${day}T09:30`);
    await dialog().locator("button[type=submit]").click();
    await dialog().getByRole("status").waitFor();
    expect(await dialog().textContent()).toMatch(/is stopped until .*9:30/);
    expect(await dialog().textContent()).toContain("Your organisation is one person: you lift it yourself, under");
    const [stop] = (await plane.call("GET", "/v1/stops", { key: await plane.person(ana) })).json.stops;
    // The plane counts from when it hears of it.
    const chosenMs = Date.parse(`${day}T09:30:00+09:00`);
    expect(Math.abs(stop.untilMs - chosenMs)).toBeLessThan(60_000);
    await dialog().getByRole("button", { name: "the stop" }).click();
    await page.waitForURL(`**/stops/${stop.id}`);
    await page.click("main button:has-text('Lift it')");
    const words = await dialog().textContent();
    expect(words).toContain("You took it and lift it yourself: your organisation is one person.");
    expect(words).not.toContain("second person");
    await dialog().locator("textarea").fill("it was looked at");
    await dialog().getByRole("button", { name: "Lift it" }).click();
    await page.waitForSelector("main >> text=/lifted it/");
    const { json } = await plane.call("GET", `/v1/stops/${stop.id}`, { key: await plane.person(ana) });
    expect(json).toMatchObject({ inForce: false, alone: true });
  });

  it("copies say the exact moment where the page says how long ago it was, and the page stays as it is", async () => {
    await page.goto(`${plane.url}/stops`);
    await page.waitForSelector("main time");
    const [stop] = (await plane.call("GET", "/v1/stops", { key: await plane.person(ana) })).json.stops;
    const row = page.locator("main ul.rows a.row, main ul.walk a.row").first();
    const said = await row.locator("time").textContent();
    expect(said).toMatch(/ago|now/);
    const copy = async (from: "row" | "piece"): Promise<string> => {
      await row.evaluate((element, how) => {
        const time = element.querySelector("time");
        const range = document.createRange();
        if (how === "row" || time?.firstChild == null) range.selectNodeContents(element);
        else range.setStart(time.firstChild, 1);
        if (how === "piece" && time?.firstChild != null) range.setEnd(time.firstChild, 2);
        document.getSelection()?.removeAllRanges();
        document.getSelection()?.addRange(range);
      }, from);
      await page.keyboard.press("ControlOrMeta+c");
      return page.evaluate(() => navigator.clipboard.readText());
    };
    const text = await copy("row");
    // As markup it would hold what the page does not draw.
    const kinds = () =>
      page.evaluate(async () => (await navigator.clipboard.read()).flatMap(({ types }) => [...types]));
    expect(await kinds()).toEqual(["text/plain"]);
    expect(text).toContain(stop.takenAt);
    expect(text).toContain("a look at it first");
    expect(text).not.toMatch(/\bago\b/);
    expect(await copy("piece")).toBe(stop.takenAt);
    expect(await row.locator("time").textContent()).toMatch(/ago|now/);
    // A copy without a moment is the browser's own.
    await page.locator("main h1").evaluate((element) => document.getSelection()?.selectAllChildren(element));
    await page.keyboard.press("ControlOrMeta+c");
    expect((await page.evaluate(() => navigator.clipboard.readText())).trim()).toBe("Stops");
  });
});
