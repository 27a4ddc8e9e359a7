import AxeBuilder from "@axe-core/playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
  for (const name of ["one.md", "two.md", "three.md"]) await stage.held(name);
}, 120_000);
afterAll(() => stage?.close());

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

  for (const dark of [false, true])
    for (const width of [1280, 390])
      it(`is accessible ${dark ? "in the dark" : "in the light"} at ${width} px`, async () => {
        const { page, open } = await stage.logIn(ana, { width, dark });
        await open("/inbox/report");
        await page.waitForSelector("tr[data-count]");
        await page.click("text=The same as a table");
        const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
        expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      });
});
