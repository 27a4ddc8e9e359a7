import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

/** Whoever works with the keyboard alone stays where they are: while something is sent, and where something vanishes. */
let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole({
    edit: {
      "workflows/docs-upkeep.yaml": (text) =>
        text
          .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
          .replace("exclude: [requester]\n", "exclude: [requester]\n    grants: true\n"),
    },
  });
});
afterAll(() => stage?.close());

/** Once a deed of this page is asked, it waits until it is let fail. */
async function holdDeeds(page: Page) {
  const asked = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  const body = JSON.stringify({ type: "t", title: "t", status: 500, code: "bug", detail: "it fell over" });
  let count = 0;
  await page.route("**/v1/**", async (route) => {
    if (route.request().method() === "GET") return route.fallback();
    count++;
    asked.resolve();
    await free.promise;
    return route.fulfill({ status: 500, contentType: "application/problem+json", body });
  });
  return { asked: asked.promise, fail: free.resolve, count: () => count };
}

const dialog = (page: Page) => page.locator("dialog[open]");
const button = (within: Page | Locator, name: string | RegExp) =>
  within.getByRole("button", { name, exact: typeof name === "string" });

async function written(page: Page, opener: string, sends: string): Promise<Locator> {
  await button(page, opener).first().click();
  await button(dialog(page), sends).waitFor();
  const fields = dialog(page).locator("input[required]:not([type=number]), textarea[required]");
  for (const field of await fields.all()) await field.fill("a test looks at this");
  return button(dialog(page), sends);
}

async function drafted(page: Page, sends: string): Promise<Locator> {
  await page.locator("#draft-text").fill(`${await page.inputValue("#draft-text")}# mine\n`);
  return button(page, sends);
}

interface Form {
  readonly at: (held: string) => string;
  /** Fills it, up to the button that sends it. */
  readonly fill: (page: Page) => Promise<Locator>;
}

const workflow = (): string => "/workflows/docs-upkeep";
const draft = (): string => "/policies?view=draft&file=workflows/docs-upkeep.yaml";
const request = (held: string): string => `/inbox/${held}`;

const forms: Readonly<Record<string, Form>> = {
  "a stop": { at: () => "/agents", fill: (page) => written(page, "Stop", "Stop everything") },
  "a deed with a reason": { at: () => "/agents/scribe", fill: (page) => written(page, "Revoke", "Revoke") },
  "a key": { at: () => "/agents/coder", fill: (page) => written(page, "Issue a key", "Issue") },
  "a waiver": { at: workflow, fill: (page) => written(page, "Ask for a waiver", "Ask") },
  "a signature": { at: workflow, fill: async (page) => button(page, /^Sign it: tier 1/) },
  "a test page": { at: workflow, fill: async (page) => button(page, "Send a test page") },
  prose: { at: () => "/workflows?view=draft", fill: async (page) => button(page, "Make the file") },
  "a question to an agent": { at: request, fill: (page) => written(page, "Ask back", "Ask") },
  "an edit": {
    at: request,
    async fill(page) {
      const sends = await written(page, "Edit and approve …", "Approve the edited call");
      await dialog(page).locator("textarea").fill('{"path": "/x", "content": "y"}');
      return sends;
    },
  },
  "a grant": { at: request, fill: (page) => written(page, "Approve calls like this for a while …", "Grant") },
  "a grant that is taken back": {
    at: () => "/inbox/grants",
    async fill(page) {
      await button(page, "Take it back").click();
      await page.getByLabel("Why").fill("a test looks at this");
      return button(page, "Take it back now");
    },
  },
  "what ends an action": {
    at: (held) => `/actions/${held}`,
    fill: (page) => written(page, "Cancel it …", "Cancel it"),
  },
  "a check of a draft": { at: draft, fill: (page) => drafted(page, "Check") },
  "a simulation": { at: draft, fill: (page) => drafted(page, "Simulate") },
  "a plan": { at: draft, fill: (page) => drafted(page, "Say what would change") },
  "the way out": {
    at: () => "/agents",
    async fill(page) {
      await page.click("details.you summary");
      return button(page, "Log out");
    },
  },
};

describe("a form that is being sent", () => {
  let held = "";
  beforeAll(async () => {
    // Over pages that are there, so that a grant can be given: it can be undone.
    for (const name of ["held.md", "granted.md"]) writeFileSync(join(stage.plane.folder, "sandbox", name), "before\n");
    held = await stage.held("held.md");
    const granted = await stage.held("granted.md");
    const [asks, signs] = [await stage.plane.person(ana), await stage.plane.person(bo)];
    const waiver = { agent: "scribe", workflow: "docs-upkeep", tier: 1, days: 1, reason: "a test looks at this" };
    await stage.plane.call("POST", "/v1/waivers", { key: asks, body: waiver });
    const { callDigest, shownDigest } = (await stage.plane.call("GET", `/v1/approvals/${granted}`, { key: signs }))
      .json;
    const shape = { target: "exact", arguments: {} };
    const grant = { approval: granted, callDigest, shownDigest, shape, forMs: 900_000, uses: 2, reason: "a test" };
    expect((await stage.plane.call("POST", "/v1/grants", { key: signs, body: grant })).status).toBe(201);
  });

  it("keeps the keyboard at its button, which sends nothing twice, also where it fails", async () => {
    const { page, open } = await stage.logIn(bo);
    for (const [name, { at, fill }] of Object.entries(forms)) {
      await open(at(held));
      const sends = await (await fill(page)).elementHandle();
      if (sends === null) throw new Error(name);
      await expect.poll(() => sends.isEnabled(), { message: name }).toBe(true);
      const deeds = await holdDeeds(page);
      const isHere = () => sends.evaluate((one) => document.activeElement === one);
      const says = () => sends.getAttribute("aria-disabled");
      await sends.focus();
      await page.keyboard.press("Enter");
      await deeds.asked;
      await expect.poll(says, { message: name }).toBe("true");
      for (const key of ["Enter", "Space"]) await page.keyboard.press(key);
      // A browser takes the focus from what is disabled with the next frame.
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      expect(await isHere(), name).toBe(true);
      deeds.fail();
      await page.waitForSelector(".trouble >> text=/it fell over/i");
      await expect.poll(says, { message: name }).toBe(null);
      expect([await isHere(), deeds.count()], name).toEqual([true, 1]);
      await page.unrouteAll();
    }
  }, 180_000);

  it("is sent once by Enter that is held down, also where it fails meanwhile", async () => {
    const { page, open } = await stage.logIn(bo);
    const form = forms["a test page"];
    if (form === undefined) throw new Error("there is no such form");
    await open(form.at(held));
    const sends = await form.fill(page);
    const deeds = await holdDeeds(page);
    await sends.focus();
    await page.keyboard.down("Enter");
    await deeds.asked;
    deeds.fail();
    await page.waitForSelector(".trouble >> text=/it fell over/i");
    await expect.poll(() => sends.getAttribute("aria-disabled")).toBe(null);
    // The key is down still: this one is a repeat.
    await page.keyboard.down("Enter");
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await page.keyboard.up("Enter");
    await expect.poll(() => sends.getAttribute("aria-disabled")).toBe(null);
    expect(deeds.count()).toBe(1);
    await page.unrouteAll();
  });

  it("sends nothing by Enter in a field of it while it is on its way", async () => {
    const { page, open } = await stage.logIn(bo);
    await open("/inbox/grants");
    await button(page, "Take it back").click();
    await page.getByLabel("Why").fill("a test looks at this");
    const deeds = await holdDeeds(page);
    await page.keyboard.press("Enter");
    await deeds.asked;
    await page.waitForSelector('button[aria-disabled="true"]');
    await page.keyboard.press("Enter");
    deeds.fail();
    await page.waitForSelector(".trouble");
    expect(deeds.count()).toBe(1);
  });
});

/** Buttons that are disabled while something is on its way. */
const losing = (text: string): readonly string[] =>
  text.match(/disabled=\{[^}]*\b(?:isPending|isFetching|isBusy)\b[^}]*\}/g) ?? [];

it("no button of the console is disabled while something is on its way, and one that is would be seen", () => {
  const folder = join(import.meta.dirname, "../../packages/console/src");
  const found = globSync("**/*.tsx", { cwd: folder }).flatMap((file) =>
    losing(readFileSync(join(folder, file), "utf8")).map((one) => `${file}: ${one}`),
  );
  expect(found).toEqual([]);
  expect(losing('<button type="submit" disabled={!isArmed || deed.isPending}>')).toHaveLength(1);
});

describe("where something vanishes under the keyboard", () => {
  const at = (page: Page, selector: string) =>
    page.evaluate((one) => document.activeElement?.matches(one) === true, selector);

  it("a dialog that took its own opener away leaves it at what was done", async () => {
    const key = await stage.plane.person(ana);
    const body = { scope: "agent", name: "coder", reason: "it writes too much" };
    const { json } = await stage.plane.call("POST", "/v1/stops", { key, body });
    const { page, open } = await stage.logIn(bo);
    await open(`/stops/${json.stop.id}`);
    const sends = await written(page, "Lift it", "Lift it");
    await sends.focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("article h2 >> text=lifted");
    await expect.poll(() => at(page, "main .detail article")).toBe(true);
    // From there it goes on through the same part.
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.closest("main") !== null)).toBe(true);
    expect(await page.locator("[data-stand-in]").count()).toBe(0);
  });

  it("a row that goes leaves it at the row in its place, and the last one at the page", async () => {
    const { owner } = stage.plane.database;
    const ids = ["1", "2", "3"].map((end) => `gov_${end.padStart(26, "0")}`);
    for (const id of ids)
      await owner.query(
        "insert into alert (id, kind, subject, sentence) values ($1, 'contradiction', $1, 'a late answer says done')",
        [id],
      );
    const key = await stage.plane.person(ana);
    const settle = (id: string) =>
      stage.plane.call("POST", `/v1/alerts/${id}/settle`, { key, body: { reason: "seen" } });
    const { page, open } = await stage.logIn(bo);
    await open("/alerts");
    await page.waitForSelector("ul.rows a.row");
    const shown = () => page.locator("ul.rows a.row").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
    for (let all = await shown(); ; all = await shown()) {
      const [first, second] = all.map((href) => href ?? "");
      if (first === undefined) break;
      await page.locator(`a[href="${first}"]`).focus();
      expect((await settle(first.split("/").at(-1) ?? "")).status).toBe(200);
      await page.locator(`a[href="${first}"]`).waitFor({ state: "detached" });
      await expect.poll(() => at(page, second === undefined ? "main" : `a[href="${second}"]`)).toBe(true);
    }
  });

  it("a line that is put away leaves it at the page; whoever goes away by themselves is left alone", async () => {
    const id = await stage.held("put-away.md");
    const { page, open } = await stage.logIn(bo);
    await open(`/actions/${id}`);
    const sends = await written(page, "Cancel it …", "Cancel it");
    await sends.click();
    await button(page, "Put away").focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => at(page, "main")).toBe(true);
    await page.locator("nav.rail a").first().focus();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.evaluate(() => document.querySelector("main")?.append(document.createElement("i")));
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(() => setTimeout(drawn)))));
    expect(await at(page, "body")).toBe(true);
  });
});
