import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

/** News take no row from under a pointer or the keyboard: a list is put in order when it is opened, and when it is asked to be. */
let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
});
afterAll(() => stage?.close());

const namesIn = (page: Page, list: string) =>
  page.locator(`ul[aria-label="${list}"] li strong`).evaluateAll((all) => all.map((one) => one.textContent));

/** Puts the pointer and the keyboard on a row; whether both are where they were, on the same row. */
async function settleOn(page: Page, address: string): Promise<() => Promise<void>> {
  const row = page.locator(`ul.rows a[href="${address}"]`);
  await row.hover();
  await row.focus();
  const box = await row.boundingBox();
  return async () => {
    expect(await row.boundingBox()).toEqual(box);
    expect(await row.evaluate((one) => [one.matches(":hover"), document.activeElement === one])).toEqual([true, true]);
  };
}

const focusedRow = (page: Page) => page.evaluate(() => document.activeElement?.closest("a.row")?.getAttribute("href"));

it("agents keep their lines while others come, go and lack something, until they are put in order", async () => {
  const { page, open, faults } = await stage.logIn(ana);
  await open("/agents");
  await page.waitForSelector("ul.rows a.row");
  expect(await namesIn(page, "agents")).toEqual(["coder", "scribe"]);
  const isHere = await settleOn(page, "/agents/scribe");
  const original = /agents:\n/;
  const newcomer = "agents:\n  - name: aaron\n    owner: bo@acme.example\n    purpose: has no workflow yet\n";
  await stage.putInForce((files) => ({
    "countersign.yaml": (files["countersign.yaml"] ?? "").replace(original, newcomer),
  }));
  await page.waitForSelector("text=1 came since, below.");
  expect(await namesIn(page, "agents")).toEqual(["coder", "scribe", "aaron"]);
  await isHere();
  await page.keyboard.press("Tab");
  expect(await focusedRow(page)).toBe("/agents/aaron");
  await page.getByRole("button", { name: "Put in order again" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => namesIn(page, "agents")).toEqual(["aaron", "coder", "scribe"]);
  expect(await focusedRow(page)).toBe("/agents/aaron");
  // Gone, it stays where it was and says so; the keyboard does not move either.
  const stays = await settleOn(page, "/agents/scribe");
  await stage.putInForce((files) => ({
    "countersign.yaml": (files["countersign.yaml"] ?? "").replace(newcomer, "agents:\n"),
  }));
  await page.waitForSelector('a[href="/agents/aaron"] >> text=in force no more');
  await stays();
  await page.getByRole("button", { name: "Put in order again" }).click();
  await expect.poll(() => namesIn(page, "agents")).toEqual(["coder", "scribe"]);
  expect(faults).toEqual([]);
});

it("stops keep their lines while others are taken and lifted, until they are put in order", async () => {
  const [takes, lifts] = [await stage.plane.person(ana), await stage.plane.person(bo)];
  const stop = async (name: string): Promise<string> => {
    const body = { scope: "agent", name, reason: "it reads what it should not" };
    return (await stage.plane.call("POST", "/v1/stops", { key: takes, body })).json.stop.id;
  };
  const lift = async (id: string): Promise<void> => {
    const body = { reason: "it was a test" };
    expect((await stage.plane.call("POST", `/v1/stops/${id}/lift`, { key: lifts, body })).status).toBe(200);
  };
  const past = await stop("coder");
  await lift(past);
  const [one, two] = [await stop("coder"), await stop("coder")];
  const { page, open, faults } = await stage.logIn(ana);
  await open("/stops");
  const listed = (list: string) =>
    page
      .locator(`ul[aria-label="${list}"] a.row`)
      .evaluateAll((all) => all.map((row) => row.getAttribute("href")?.split("/").at(-1)));
  await page.waitForSelector('ul[aria-label="past stops"] a.row');
  expect((await listed("stops in force")).toSorted()).toEqual([one, two].toSorted());
  const isHere = await settleOn(page, `/stops/${past}`);
  const three = await stop("scribe");
  await page.waitForSelector("text=1 came since, below.");
  await lift(one);
  await page.waitForSelector(`a[href="/stops/${one}"] >> text=lifted`);
  expect((await listed("stops in force")).toSorted()).toEqual([one, two].toSorted());
  expect([await listed("past stops"), await listed("stops since then")]).toEqual([[past], [three]]);
  await page.waitForSelector("text=1 ended.");
  await isHere();
  await page.getByRole("button", { name: "Put in order again" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await listed("stops in force")).toSorted()).toEqual([two, three].toSorted());
  expect((await listed("past stops")).toSorted()).toEqual([past, one].toSorted());
  expect(await focusedRow(page)).toBe(`/stops/${(await listed("stops in force"))[0]}`);
  for (const id of [two, three]) await lift(id);
  expect(faults).toEqual([]);
});
