import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lengthOf } from "../../packages/console/src/inbox/stretch.ts";
import { ana, bo } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
  const key = await stage.plane.person(bo);
  for (const [name, verdict] of [
    ["one.md", "approve"],
    ["two.md", "deny"],
    ["three.md", undefined],
  ] as const) {
    const id = await stage.held(name);
    if (verdict === undefined) continue;
    const { callDigest, shownDigest } = (await stage.plane.call("GET", `/v1/approvals/${id}`, { key })).json;
    const body = { verdict, callDigest, shownDigest, reason: "it is so" };
    expect((await stage.plane.call("POST", `/v1/approvals/${id}/answer`, { key, body })).status).toBe(200);
  }
}, 120_000);
afterAll(() => stage?.close());

/** The colours of what is drawn without any blending, most of it first. */
const drawn = (page: Page, at: number) =>
  page
    .locator(".plot canvas")
    .nth(at)
    .evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height) ?? {
        data: [],
      };
      const counts = new Map<string, number>();
      for (let byte = 0; byte < data.length; byte += 4) {
        if (data[byte + 3] !== 255) continue;
        const colour = `rgb(${data[byte]}, ${data[byte + 1]}, ${data[byte + 2]})`;
        counts.set(colour, (counts.get(colour) ?? 0) + 1);
      }
      return [...counts].sort(([, one], [, other]) => other - one).map(([colour]) => colour);
    });
const inkOf = (page: Page, name: string) =>
  page.evaluate((ink) => getComputedStyle(document.querySelector(`[data-ink=${ink}]`) as Element).color, name);
const widths = (page: Page) =>
  page
    .locator(".plot")
    .evaluateAll((boxes) =>
      boxes.map((box) => [box.clientWidth, box.querySelector("canvas")?.getBoundingClientRect().width ?? 0] as const),
    );

/** The day it is now, so many minutes east of UTC. */
const dayIn = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 10);

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

describe("MT-110 the report in the console", () => {
  it("says what was asked by which rule as the API counts it, and the picture has a table that says the same", async () => {
    const { page, open, faults } = await stage.logIn(ana);
    await open("/inbox");
    await page.getByRole("link", { name: "Report" }).click();
    await page.waitForSelector("tr[data-count]");
    const key = await stage.plane.person(ana);
    const { json } = await stage.plane.call("GET", "/v1/approvals/report", { key });
    expect(json.period.questions).toBe(3);
    const counted = await page
      .locator("tr[data-count]")
      .evaluateAll((rows) =>
        rows.map((row) => [
          (row as HTMLElement).dataset.count,
          ...[...row.querySelectorAll("td")].map((td) => td.textContent),
        ]),
      );
    for (const [name = "", ...shown] of counted)
      expect(shown, name).toEqual([String(json.period[name]), String(json.before[name])]);
    const rule = page.locator('tr[data-rule="docs-upkeep/approval/files.write_file"]');
    expect(await rule.textContent()).toContain("docs-upkeep");
    // Each bar of the picture has its row: eight weeks, of which the last has all of it.
    expect(await page.locator("figure.weeks rect.asked").count()).toBe(8);
    await page.click("text=The same as a table");
    const weeks = page.locator("figure.weeks tbody tr");
    expect(await weeks.count()).toBe(8);
    expect(await weeks.last().locator("td").allTextContents()).toEqual(["3", "0", "0"]);
    await page.getByLabel("Weeks").fill("1");
    await page.getByLabel("To the end of").fill("2025-01-05");
    await page.getByRole("button", { name: "Count" }).click();
    await page.waitForSelector("text=No rule asked anybody in this period.");
    expect(page.url()).toContain("weeks=1&until=2025-01-05");
    expect(faults).toEqual([]);
  });

  it("draws what was answered and how fast by the viewer's days, and a table that keys reach says the same as the API", async () => {
    const zone = "Asia/Kathmandu";
    const { page, open, faults } = await stage.logIn(ana, { zone });
    const loaded: string[] = [];
    page.on("request", (request) => loaded.push(request.url()));
    const parts = () => loaded.filter((url) => url.includes("answered-plot"));
    await open("/inbox");
    expect(parts()).toEqual([]);
    const days = [dayIn(345)];
    const answered = page.waitForResponse((response) => response.url().includes("/v1/approvals/report"));
    await open("/inbox/report");
    await page.waitForSelector(".plot canvas >> nth=1");
    days.push(dayIn(345));
    expect(
      parts()
        .map((url) => url.replace(/^.*\./, ""))
        .sort(),
    ).toEqual(["css", "js"]);
    expect(loaded.every((url) => url.startsWith(stage.plane.url))).toBe(true);
    const told = await answered;
    const json = await told.json();
    const { stretches } = json.answers;
    // A browser may know it by its older name.
    expect(json.answers).toMatchObject({ zone: expect.stringMatching(/^Asia\/Kath?mandu$/), by: "day" });
    expect(stretches.reduce((sum: number, one: { questions: number }) => sum + one.questions, 0)).toBe(2);
    // Without a mouse, and without the picture.
    const summary = page.locator("figure.answered summary");
    await summary.focus();
    await page.keyboard.press("Enter");
    const rows = page.locator("figure.answered tbody tr");
    await rows.first().waitFor();
    expect(await rows.count()).toBe(stretches.length);
    // Of a midnight in between either day is today.
    expect(days).toContain((await rows.last().locator("time").textContent()) ?? "");
    const at = stretches.findLastIndex((one: { questions: number }) => one.questions > 0);
    const { questions, decideMs } = stretches[at];
    const cells = await rows.nth(at).locator("td").allTextContents();
    expect(cells).toEqual([String(questions), lengthOf(decideMs.p50), lengthOf(decideMs.p90)]);
    expect(await page.locator(".plots").getAttribute("aria-hidden")).toBe("true");
    expect(await page.locator("main .claim").count()).toBe(0);
    expect(faults).toEqual([]);
  });

  it("is drawn in the page's colours, also when these change, and as wide as its place when that changes", async () => {
    const { page, open, faults } = await stage.logIn(ana);
    await open("/inbox/report");
    await page.waitForSelector(".plot canvas >> nth=1");
    const seen: string[] = [];
    for (const colorScheme of ["light", "dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      const [accent, ink] = [await inkOf(page, "accent"), await inkOf(page, "ink")];
      await expect.poll(() => drawn(page, 0), { message: colorScheme }).toContain(accent);
      await expect.poll(() => drawn(page, 1), { message: colorScheme }).toContain(ink);
      seen.push(accent);
    }
    const [light, dark, again] = seen;
    expect(light).toBe(again);
    expect(dark).not.toBe(light);
    expect(await drawn(page, 0)).not.toContain(dark);
    for (const width of [390, 1280, 640]) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForFunction(() =>
        [...document.querySelectorAll(".plot")].every(
          (box) => box.querySelector("canvas")?.getBoundingClientRect().width === box.clientWidth,
        ),
      );
      for (const [box, canvas] of await widths(page)) {
        expect(box).toBeGreaterThan(width / 3);
        expect(canvas).toBe(box);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
    expect(faults).toEqual([]);
  });

  it("says where nobody answered, without a picture; and where the picture cannot be had, the table is there all the same", async () => {
    const { page, open } = await stage.logIn(ana);
    await open("/inbox/report?weeks=1&until=2025-01-05");
    await page.waitForSelector("text=Nobody answered a question in this period.");
    expect(await page.locator("figure.answered, .plot").count()).toBe(0);
    await page.route("**/assets/answered-plot*", (route) => route.abort());
    await open("/inbox/report");
    await page.waitForSelector("figure.answered [role=alert]");
    await page.click("figure.answered summary");
    expect(await page.locator("figure.answered tbody tr").count()).toBeGreaterThan(28);
    expect(await page.locator(".plot").count()).toBe(0);
  });

  it("is told by the days of UTC, and says so, where the server does not know the browser's time zone", async () => {
    const { page, open } = await stage.logIn(ana);
    await page.addInitScript(() => {
      const own = Intl.DateTimeFormat.prototype.resolvedOptions;
      Intl.DateTimeFormat.prototype.resolvedOptions = function told() {
        return { ...own.call(this), timeZone: "Mars/Olympus" };
      };
    });
    const days = [dayIn(0)];
    await open("/inbox/report");
    await page.waitForSelector("tr[data-count]");
    days.push(dayIn(0));
    expect(await page.locator("main .claim").textContent()).toBe(
      "The server does not know Mars/Olympus, the time zone of this browser: the days here are those of UTC.",
    );
    expect(await page.locator("main [role=alert]").count()).toBe(0);
    await page.click("figure.answered summary");
    const last = page.locator("figure.answered tbody tr").last().locator("th");
    expect(days.map((day) => `${day} in part`)).toContain(await last.textContent());
  });

  it("begins its weeks with days of the viewer's zone, also where clocks were changed since", async () => {
    const { page, open, faults } = await stage.logIn(ana, { zone: "Europe/Berlin" });
    await open("/inbox/report?weeks=2&until=2025-04-06");
    await page.click("text=The same as a table");
    expect(await page.locator("figure.weeks tbody th").allTextContents()).toEqual([
      "2025-03-10",
      "2025-03-17",
      "2025-03-24",
      "2025-03-31",
    ]);
    expect(faults).toEqual([]);
  });

  it("is told by weeks where there are more than eight", async () => {
    const { page, open } = await stage.logIn(ana);
    await open("/inbox/report?weeks=9");
    await page.click("figure.answered summary");
    expect(await page.locator("figure.answered tbody tr").count()).toBe(9);
    expect(await page.locator("figure.answered thead").textContent()).toContain("Week from");
  });

  for (const dark of [false, true])
    for (const width of [1280, 390])
      it(`is accessible ${dark ? "in the dark" : "in the light"} at ${width} px`, async () => {
        const { page, open } = await stage.logIn(ana, { width, dark });
        await open("/inbox/report");
        await page.waitForSelector("tr[data-count]");
        await page.waitForSelector(".plot canvas >> nth=1");
        for (const summary of await page.locator("main summary").all()) await summary.click();
        const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
        expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      });
});

it("MT-50 the load says whether answers are decisions before how many they were", async () => {
  const { page, open } = await stage.logIn(ana);
  await open("/inbox/load");
  await page.waitForSelector("main table thead th");
  const heads = await page.locator("main table").first().locator("thead th").allTextContents();
  const at = (name: string): number => heads.findIndex((head) => head.startsWith(name));
  expect(at("Are these decisions?")).toBe(1);
  for (const quality of ["Are these decisions?", "Looked at", "Time to decide"])
    for (const quantity of ["Answered", "Wait for them"]) expect(at(quality)).toBeLessThan(at(quantity));
});

describe("MT-10 the load in the console", () => {
  for (const width of [1280, 390])
    it(`shows the last day as bars and a table that says the same, and is accessible at ${width} px`, async () => {
      const { page, open, faults } = await stage.logIn(ana, { width, zone: "Asia/Kathmandu" });
      await open("/inbox/load");
      await page.waitForSelector("svg.spark");
      const key = await stage.plane.person(ana);
      const { json } = await stage.plane.call("GET", "/v1/approvals/load", { key });
      const bars = await page
        .locator("svg.spark")
        .evaluateAll((all) =>
          all.map((one) => [...one.querySelectorAll("rect")].map((bar) => bar.height.baseVal.value)),
        );
      expect(bars).toHaveLength(json.approvers.length + json.queues.length);
      for (const [at, { answers }] of json.approvers.entries()) {
        const most = Math.max(1, ...answers);
        expect(bars[at]).toEqual(
          answers.map((many: number) => (many === 0 ? 0 : Math.max(2, Math.round((many / most) * 24)))),
        );
      }
      await page.locator("main summary").focus();
      await page.keyboard.press("Enter");
      const rows = page.locator("table.hours tbody tr");
      expect(await rows.count()).toBe(24);
      const names = await page.locator("table.hours thead th").allTextContents();
      const column = names.indexOf(`${bo} answered`) - 1;
      const told: string[] = [];
      for (const row of await rows.all()) told.push((await row.locator("td").allTextContents())[column] ?? "");
      const own = json.approvers.find(({ person }: { person: string }) => person === bo);
      expect(told).toEqual(own.answers.map(String));
      expect(told.reduce((sum, many) => sum + Number(many), 0)).toBe(2);
      const since = await rows.last().locator("time").getAttribute("datetime");
      const local = new Date(Date.parse(since ?? "") + 345 * 60_000).toISOString().slice(11, 16);
      expect(await rows.last().locator("time").textContent()).toBe(local);
      const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
      expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      expect(faults).toEqual([]);
    });
});
