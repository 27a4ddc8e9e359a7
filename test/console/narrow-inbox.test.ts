import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bo, until } from "../support/plane.ts";
import { type Acted, actOn } from "./acted.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
let acted: Acted;
/** Held: the second and the third change a page that is there, as much and in the same way. */
let held: readonly string[];
beforeAll(async () => {
  stage = await openConsole({
    edit: {
      "workflows/docs-upkeep.yaml": (text) =>
        text
          .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
          .replace("exclude: [requester]\n", "exclude: [requester]\n    grants: true\n"),
    },
  });
  acted = await actOn(stage);
  const ids = [await stage.held("new.md")];
  for (const name of ["one.md", "two.md"]) {
    writeFileSync(join(stage.plane.folder, "sandbox", name), "before\n");
    ids.push(await stage.held(name, { content: "after\n" }));
  }
  held = ids;
}, 120_000);
afterAll(() => stage?.close());

const rows = (page: Page) =>
  page.locator("ul.rows > li[id]").evaluateAll((all) => all.map(({ id }) => id.replace("row-", "")));

/** What a file has that is saved here: the lines of JSON, once its CSV has as many. */
async function saved(page: Page): Promise<readonly Record<string, unknown>[]> {
  const save = async (label: string): Promise<string> => {
    const part = page.locator("main .save").last();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      part.getByRole("button", { name: label, exact: true }).click(),
    ]);
    return readFileSync(await download.path(), "utf8").trimEnd();
  };
  const [csv, jsonl] = [await save("CSV"), await save("JSONL")];
  const lines = jsonl.split("\n").map((line) => JSON.parse(line));
  expect(csv.split("\r\n")[0]).toBe(Object.keys(lines[0]).join(","));
  expect(csv.split("\r\n")).toHaveLength(lines.length + 1);
  return lines;
}

describe("the inbox", () => {
  it("is narrowed by a typed search that stands in the address, and says what it does not understand", async () => {
    const { page, open, faults } = await stage.logIn(bo);
    await open("/inbox");
    await page.waitForSelector(`#row-${held[0]}`);
    const search = async (text: string) => {
      await page.fill("main input[type=search]", text);
      await page.keyboard.press("Enter");
    };
    await search("agent:scribe tool:files.write_file");
    await page.waitForURL("**/inbox?q=agent%3Ascribe*");
    await expect.poll(() => rows(page)).toHaveLength(3);
    await search("workflow:repo-survey");
    await page.waitForSelector("text=Nothing that waits fits.");
    expect(await rows(page)).toEqual([]);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    for (const [typed, said] of [
      ["agnt:scribe", "Did you mean agent:?"],
      ["risk:huge", "it is low, medium or high"],
      ["the welcome page", "The search above looks up words."],
    ] as const) {
      await search(typed);
      await page.waitForSelector(`main [role=alert] >> text=${said}`);
      expect(await rows(page)).toEqual([]);
    }
    expect(asked.filter((url) => /\/v1\/approvals\?/.test(url))).toEqual([]);
    expect(faults).toEqual([]);
  });

  it("keeps a narrowed list as a view, and shows none of another page", async () => {
    const { page, open } = await stage.logIn(bo);
    await open(`/inbox/${held[0]}?q=agent:scribe&order=time`);
    await page.click("text=Keep this view");
    await page.fill("input[name=name]", "of scribe");
    await page.keyboard.press("Enter");
    await open("/runs");
    await page.waitForSelector("text=Keep this view");
    expect(await page.locator("a:has-text('of scribe')").count()).toBe(0);
    await open("/inbox");
    await page.click("a:has-text('of scribe')");
    await page.waitForURL("**/inbox?q=agent%3Ascribe&order=time");
    await page.waitForSelector(`#row-${held[0]}`);
  });

  it("goes back from a request to the same list: filter, order and page", async () => {
    const { page, open } = await stage.logIn(bo, { width: 390, touch: true });
    await open("/inbox?q=agent:scribe&order=time&mine=true");
    await page.tap(`#row-${held[1]} a`);
    await page.waitForSelector("article h2");
    await page.tap("text=All that waits");
    await page.waitForURL("**/inbox?q=agent%3Ascribe&order=time&mine=true");
    expect(await rows(page)).toEqual(held);
  });
});

describe("exactly what is shown is saved", () => {
  it("of what waits, in its order", async () => {
    const { page, open } = await stage.logIn(bo);
    await open("/inbox?order=time");
    await page.waitForSelector(`#row-${held[2]}`);
    const lines = await saved(page);
    expect(lines.map(({ action }) => action)).toEqual(await rows(page));
    expect(lines[0]).toMatchObject({ agent: "scribe", tool: "files.write_file", yours: true, waits: true });
  });

  it("of what is answered together", async () => {
    const { page, open } = await stage.logIn(bo);
    await open("/inbox/batches");
    await page.waitForSelector("main section h2");
    const lines = await saved(page);
    expect(lines.map(({ action }) => action)).toEqual(held.slice(1));
    expect(lines[0]).toMatchObject({
      batch: 1,
      opened: expect.any(Boolean),
      shape: expect.stringContaining("up to 10"),
    });
  });

  it("of grants and of what was answered", async () => {
    const key = await stage.plane.person(bo);
    const [, , last = ""] = held;
    const { callDigest, shownDigest } = (await stage.plane.call("GET", `/v1/approvals/${last}`, { key })).json;
    const shape = { target: "exact", arguments: { "/content": { any: true } } };
    const body = { approval: last, callDigest, shownDigest, reason: "small", shape, forMs: 600_000, uses: 3 };
    const given = await stage.plane.call("POST", "/v1/grants", { key, body });
    expect(given.status, given.text).toBeLessThan(300);
    const { page, open } = await stage.logIn(bo);
    await open("/inbox/grants");
    await page.waitForSelector("main .save");
    expect(await saved(page)).toMatchObject([{ by: bo, reason: "small", uses: 3, state: "in_force" }]);
    await open("/inbox/answers");
    await page.waitForSelector("main table");
    const lines = await saved(page);
    expect(lines).toHaveLength(await page.locator("main tbody tr").count());
    expect(lines.at(-1)).toMatchObject({ action: acted.written, verdict: "approve", reason: "it is right" });
  });

  it("of what was found, of a run's timeline, and of two runs beside each other", async () => {
    const { page, open } = await stage.logIn(bo);
    await until(async () => {
      const key = await stage.plane.person(bo);
      const { json } = await stage.plane.call("GET", "/v1/lookup?q=scribe", { key });
      return json.actions.length > 3 ? true : undefined;
    });
    await open("/find?q=scribe");
    await page.waitForSelector("main .save");
    const links = page.locator("ul[aria-label='What was found'] a.row");
    const shown = await links.evaluateAll((all) => all.map((one) => one.getAttribute("href")));
    expect((await saved(page)).map(({ action }) => `/actions/${action}`)).toEqual(shown);
    await open(`/runs/${acted.run}`);
    await page.waitForSelector(".timeline li");
    const lines = await saved(page);
    expect(lines).toHaveLength(await page.locator(".timeline li").count());
    expect(lines.map(({ lane }) => lane)).toContain("people");
    const again = await acted.open("the same again");
    await acted.call("list_directory", { path: acted.path(".") }, again);
    await open(`/runs/${acted.run}?with=${again}`);
    await page.waitForSelector("table.compare tbody tr");
    const pairs = await saved(page);
    expect(pairs).toHaveLength(await page.locator("table.compare tbody tr").count());
    expect(pairs).toContainEqual(
      expect.objectContaining({ difference: "only the first", first_action: acted.refused, second_action: null }),
    );
  });
});
