import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo, until } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
});
afterAll(() => stage?.close());

const view = async (id: string) =>
  (await stage.plane.call("GET", `/v1/actions/${id}`, { key: await stage.plane.person(ana) })).json;
const becomes = (id: string, state: string) => until(async () => ((await view(id)).state === state ? true : undefined));
const stops = async () =>
  (await stage.plane.call("GET", "/v1/stops", { key: await stage.plane.person(ana) })).json.stops as {
    readonly id: string;
    readonly name: string;
    readonly by: string;
    readonly liftedBy: readonly string[];
  }[];

/** A write over a page that is there, so that it can be undone. */
async function overwrite(name: string): Promise<string> {
  writeFileSync(join(stage.plane.folder, "sandbox", name), "before\n");
  return stage.held(name, { content: "after\n" });
}

/** Presses Tab until what has this name has the focus, as somebody without a mouse has to. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let pressed = 0; pressed < 150; pressed++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const one = document.activeElement;
      const label = one instanceof HTMLInputElement || one instanceof HTMLTextAreaElement ? one.labels?.[0] : undefined;
      return (label?.textContent ?? one?.textContent ?? "").trim();
    });
    if (typeof name === "string" ? focused.startsWith(name) : name.test(focused)) return;
  }
  throw new Error(`Tab does not lead to ${String(name)}`);
}

const armed = (page: Page) => page.waitForSelector("section.answer .deeds button:not(:disabled)");

/** No journey of the keyboard may use the mouse by mistake. */
async function withoutMouse(email: string) {
  const visit = await stage.logIn(email);
  await visit.page.addInitScript(() => {
    for (const kind of ["mousedown", "touchstart"])
      addEventListener(kind, () => console.error("a pointer was used"), { capture: true });
  });
  return visit;
}

describe("by keyboard alone", () => {
  it("a request is found, read and approved", async () => {
    const id = await overwrite("approve.md");
    const { page, faults, open } = await withoutMouse(bo);
    await open("/runs");
    await page.keyboard.press("g");
    await page.keyboard.press("i");
    await page.waitForSelector(`#row-${id}`);
    await page.keyboard.press("j");
    await armed(page);
    await page.keyboard.press("a");
    await tabTo(page, "Send now");
    await page.keyboard.press("Enter");
    await becomes(id, "done");
    expect(faults.filter((one) => !one.includes("404"))).toEqual([]);
  });

  it("a request is denied with a reason, which the agent reads", async () => {
    const id = await overwrite("deny.md");
    const { page, faults, open } = await withoutMouse(bo);
    await open(`/inbox/${id}`);
    await armed(page);
    // Without a reason it asks for one, and has the focus there.
    await page.keyboard.press("d");
    await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
    await page.keyboard.type("that page is another team's");
    await tabTo(page, "Deny");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=Denying in");
    await becomes(id, "refused");
    expect((await view(id)).sentence).toContain("that page is another team's");
    expect(faults.filter((one) => !one.includes("404"))).toEqual([]);
  });

  it("what was done is undone from its receipt, and somebody approves the undo", async () => {
    const id = await overwrite("undo.md");
    const first = await withoutMouse(bo);
    await first.open(`/inbox/${id}`);
    await armed(first.page);
    await first.page.keyboard.press("a");
    await becomes(id, "done");
    await first.open(`/actions/${id}`);
    await first.page.waitForSelector("text=Reverse it …");
    await tabTo(first.page, "Reverse it …");
    await first.page.keyboard.press("Enter");
    await first.page.waitForSelector("dialog[open]");
    await tabTo(first.page, "Why");
    await first.page.keyboard.type("it was the wrong page");
    await tabTo(first.page, "Reverse it");
    await first.page.keyboard.press("Enter");
    await first.page.waitForSelector(".outcome >> text=The undo is an action of its own");
    expect(await first.page.locator("dialog[open]").count()).toBe(0);
    await tabTo(first.page, "Open the undo");
    await first.page.keyboard.press("Enter");
    await first.page.waitForURL((url) => url.pathname.startsWith("/actions/") && !url.pathname.endsWith(id));
    const second = await withoutMouse(ana);
    await second.open(new URL(first.page.url()).pathname);
    await second.page.waitForSelector("text=Answer it");
    await tabTo(second.page, "Answer it");
    await second.page.keyboard.press("Enter");
    await armed(second.page);
    await second.page.keyboard.press("a");
    await becomes(id, "reversed");
    for (const { faults } of [first, second]) expect(faults.filter((one) => !one.includes("404"))).toEqual([]);
  });

  it("an agent is stopped, chosen among those that there are, and a second person lifts the stop", async () => {
    const { page, faults, open } = await withoutMouse(bo);
    await open("/policies");
    await page.keyboard.press("s");
    await page.keyboard.press("s");
    await page.waitForSelector("dialog[open]");
    await tabTo(page, "everything");
    await page.keyboard.press("ArrowDown");
    await tabTo(page, "Which agent");
    await page.keyboard.type("coder");
    await tabTo(page, "Why");
    await page.keyboard.type("it writes where it should not");
    await tabTo(page, "Stop this agent");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=agent coder is stopped");
    await tabTo(page, "the stop");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/stops/stp_*");
    const second = await withoutMouse(ana);
    await second.open(new URL(page.url()).pathname);
    await second.page.waitForSelector("main button:has-text('Lift it')");
    await tabTo(second.page, "Lift it");
    await second.page.keyboard.press("Enter");
    await second.page.waitForSelector("dialog[open]");
    await tabTo(second.page, "Why it may go on");
    await second.page.keyboard.type("it was a misunderstanding");
    await tabTo(second.page, "Lift it");
    await second.page.keyboard.press("Enter");
    await until(async () => ((await stops())[0]?.liftedBy.includes(ana) ? true : undefined));
    for (const one of [faults, second.faults]) expect(one).toEqual([]);
  });
});

describe("by touch alone, on a screen of 390 px", () => {
  it("an agent is stopped and a request is approved", async () => {
    const id = await overwrite("touch.md");
    const { page, faults, open } = await stage.logIn(bo, { width: 390, touch: true });
    await open("/inbox");
    await page.tap("nav.rail button.stop");
    const dialog = page.locator("dialog[open]");
    await dialog.getByLabel("agent", { exact: true }).tap();
    await dialog.getByLabel("Which agent").tap();
    await page.keyboard.insertText("coder");
    await dialog.getByLabel("Why").tap();
    await page.keyboard.insertText("it is not needed now");
    await dialog.locator("button[type=submit]").tap();
    await page.waitForSelector("text=agent coder is stopped");
    const [stop] = await stops();
    expect(stop).toMatchObject({ name: "coder", by: bo });
    for (const button of await dialog.getByRole("button").all())
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(24);
    await dialog.getByRole("button", { name: "Close" }).tap();
    await page.tap(`#row-${id} a`);
    await armed(page);
    await page.getByRole("button", { name: "Approve", exact: true }).tap();
    await page.getByRole("button", { name: "Send now" }).tap();
    await becomes(id, "done");
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(faults.filter((one) => !one.includes("404"))).toEqual([]);
    const key = await stage.plane.person(ana);
    await stage.plane.call("POST", `/v1/stops/${stop?.id}/lift`, { key, body: { reason: "a test goes on" } });
  });
});

describe("by touch alone, on a screen of 390 px, with a second person", () => {
  it("what was done is undone from its receipt, and somebody approves the undo", async () => {
    const id = await overwrite("touch-undo.md");
    const first = await stage.logIn(bo, { width: 390, touch: true });
    await first.open(`/inbox/${id}`);
    await armed(first.page);
    await first.page.getByRole("button", { name: "Approve", exact: true }).tap();
    await first.page.getByRole("button", { name: "Send now" }).tap();
    await becomes(id, "done");
    await first.open(`/actions/${id}`);
    await first.page.getByRole("button", { name: "Reverse it …" }).tap();
    const dialog = first.page.locator("dialog[open]");
    await dialog.getByLabel("Why").tap();
    await first.page.keyboard.insertText("it was the wrong page");
    await dialog.getByRole("button", { name: "Reverse it" }).tap();
    await first.page.getByRole("link", { name: "Open the undo" }).tap();
    await first.page.waitForURL((url) => url.pathname.startsWith("/actions/") && !url.pathname.endsWith(id));
    const second = await stage.logIn(ana, { width: 390, touch: true });
    await second.open(new URL(first.page.url()).pathname);
    await second.page.getByRole("link", { name: "Answer it" }).tap();
    await armed(second.page);
    await second.page.getByRole("button", { name: "Approve", exact: true }).tap();
    await second.page.getByRole("button", { name: "Send now" }).tap();
    await becomes(id, "reversed");
    for (const { page, faults } of [first, second]) {
      expect(faults.filter((one) => !one.includes("404"))).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    }
  });
});

describe("lists of thousands", () => {
  it("every one of 5,000 open approvals is reached by keyboard, page by page, with few of them drawn", async () => {
    const held = await overwrite("many.md");
    const { owner } = stage.plane.database;
    const { rows } = await owner.query<{ column: string }>(
      `select column_name as column from information_schema.columns where table_name = 'open_action' and is_generated = 'NEVER' and column_name <> 'id'`,
    );
    const columns = rows.map(({ column }) => `"${column}"`).join(", ");
    await owner.query(
      `insert into open_action (id, ${columns}) select 'act_' || lpad(n::text, 26, '0'), ${columns}
       from open_action, generate_series(1, 4999) n where id = $1`,
      [held],
    );
    const { page, open } = await withoutMouse(bo);
    await page.setViewportSize({ width: 1000, height: 900 });
    await open("/inbox");
    const reached = new Set<string>();
    for (let pages = 1; ; pages++) {
      await page.waitForSelector("ul.rows a.row");
      const ids = await page.locator("ul.rows a.row").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
      expect(ids.length).toBeLessThanOrEqual(300);
      for (const id of ids) reached.add(String(id).replace(/\?.*/, ""));
      if ((await page.getByRole("button", { name: "The next page" }).count()) === 0) break;
      const first = String(ids[0]).replace(/\?.*/, "");
      await page.keyboard.press("n");
      await page.waitForFunction((before) => {
        const now = document.querySelector("ul.rows a.row")?.getAttribute("href");
        return now !== undefined && now !== null && !now.startsWith(before);
      }, first);
      expect(pages).toBeLessThan(40);
    }
    const waiting = await owner.query<{ n: number }>("select count(*)::int as n from open_action where state = 'held'");
    expect(reached.size).toBe(waiting.rows[0]?.n);
    expect(reached.size).toBeGreaterThanOrEqual(5_000);
    // Walking on such a page opens the one that is walked to.
    await page.keyboard.press("j");
    await page.waitForURL("**/inbox/act_*");
    await page.goBack();
    await page.keyboard.press("p");
    await page.waitForURL((url) => !url.search.includes("cursor"));
    await owner.query("delete from open_action where id like 'act_000000%'");
  });

  it("of 500 alerts those are drawn that can be seen, and j and k lead to all of them, page by page", async () => {
    const { owner } = stage.plane.database;
    await owner.query(
      `insert into alert (id, kind, subject, sentence)
       select 'gov_' || lpad(n::text, 26, '0'), 'unknown', 'act_' || n, 'alert number ' || n from generate_series(1, 500) n`,
    );
    const counted = await owner.query<{ n: number }>("select count(*)::int as n from alert where settled_at is null");
    const all = counted.rows[0]?.n ?? 0;
    const { page, open } = await withoutMouse(ana);
    await open("/alerts");
    await page.waitForSelector("ul.rows a.row");
    expect(await page.locator("ul.rows a.row").count()).toBe(200);
    const more = page.getByRole("button", { name: "Newer ones" });
    for (const rows of [400, all]) {
      await more.focus();
      await page.keyboard.press("Enter");
      await page.waitForSelector(`ul.rows li[aria-setsize="${rows}"]`);
    }
    expect(await more.count()).toBe(0);
    expect(await page.locator("ul.rows a.row").count()).toBeLessThan(120);
    await page.keyboard.press("k");
    await page.waitForSelector(`ul.rows li[aria-posinset="${all}"] a[aria-current]`);
    await page.keyboard.press("k");
    await page.waitForSelector(`ul.rows li[aria-posinset="${all - 1}"] a[aria-current]`);
    expect(await page.locator("ul.rows a.row").count()).toBeLessThan(120);
    // The address of one far down opens it, and of one that is not there any more says so.
    await open(`/alerts/gov_${"450".padStart(26, "0")}`);
    await page.waitForSelector("article >> text=Alert number 450.");
    await open(`/alerts/gov_${"9".repeat(26)}`);
    await page.waitForSelector("text=This alert is not open any more");
    await owner.query("delete from alert where id like 'gov_000000%'");
  });
});
