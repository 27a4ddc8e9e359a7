import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bo } from "../support/plane.ts";
import type { Visit } from "./open-console.ts";
import { openEvery, type Route } from "./open-every.ts";
import type { NotesStage } from "./open-notes.ts";

/** A page whose reading fails goes on showing what it knows, says so, and takes nothing that somebody is about to do. */
let stage: NotesStage;
let routes: Readonly<Record<string, Route>> = {};
beforeAll(async () => {
  ({ stage, routes } = await openEvery());
}, 120_000);
afterAll(() => stage?.close());

/** These read nothing, or nothing again: a receipt that has ended stays what it is. */
const unread = ["misspelled", "no-receipt", "find", "prose", "evals", "outcomes", "report"];

/** Opens one of the dialogs of the page that is shown, if it has one. */
const openers = [
  "Lift it",
  "It happened",
  "Settle it",
  "Ask back",
  "Cancel it …",
  "Reverse it …",
  "Ask for a waiver",
  "Revoke",
  "Log them out everywhere",
];

/** In place of the line to the server: the page hears what a test says, at the moment that it says it. */
const line = `globalThis.EventSource = class extends EventTarget {
  static CLOSED = 2;
  readyState = 1;
  constructor() { super(); globalThis.hear = (kind) => this.dispatchEvent(new Event(kind)); setTimeout(() => globalThis.hear("beat")); }
  close() {}
};`;

/** Everything is read again: by the line, and by being looked at again. */
const readAgain = (page: Page) =>
  page.evaluate(() => {
    (globalThis as unknown as { hear(kind: string): void }).hear("reset");
    dispatchEvent(new Event("visibilitychange"));
  });

/** What a page shows, but for how long ago things were and for what is told of readings. */
const shownOn = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll("main :is(h1, h2, h3, a, button, dt, dd, th, td, summary, label)")]
      .filter((one) => one.closest(".trouble, dialog") === null)
      .map((one) =>
        (one.textContent ?? "").replaceAll(/\d+ (ms|s|min|h)( \d+ min)?|ago|now|just|in |about/g, "").trim(),
      )
      .filter((text) => text !== ""),
  );

async function failReadings(page: Page): Promise<() => number> {
  const body = JSON.stringify({ type: "t", title: "t", status: 500, code: "bug", detail: "it fell over" });
  let count = 0;
  await page.route(/\/v1\/(?!me$)/, (route) => {
    if (route.request().method() !== "GET") return route.fallback();
    count++;
    return route.fulfill({ status: 500, contentType: "application/problem+json", body });
  });
  return () => count;
}

/** Writes into every field for longer text, and into a dialog where the page has one; what stands there then. */
async function write(page: Page): Promise<() => Promise<readonly string[]>> {
  for (const field of await page.locator("main textarea:visible:not([readonly])").all())
    await field.fill(`${await field.inputValue()} half a thought`);
  for (const name of openers) {
    const opener = page.locator("main").getByRole("button", { name, exact: true }).and(page.locator(":enabled"));
    if ((await opener.count()) === 0) continue;
    await opener.first().click();
    await page.locator("dialog[open] textarea").fill("half a reason");
    break;
  }
  return () =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLTextAreaElement>("main textarea, dialog[open] textarea")].map(
        (one) => `${one.closest("dialog") === null ? "" : "dialog: "}${one.value}`,
      ),
    );
}

interface Looked {
  readonly faults: readonly string[];
  readonly hadDialog: boolean;
}

async function look({ page, open }: Visit, [path, ready = "main h1"]: Route): Promise<Looked> {
  const faults: string[] = [];
  const told = page.locator("main .trouble >> text=It fell over");
  const becomes = async (is: boolean, fault: string): Promise<void> => {
    const isSo = async (): Promise<boolean> => {
      await readAgain(page);
      return (await told.count()) > 0;
    };
    await expect
      .poll(isSo, { timeout: 20_000 })
      .toBe(is)
      .catch(() => faults.push(fault));
  };
  await open(path);
  await page.waitForSelector(ready);
  await page.waitForLoadState("networkidle");
  const values = await write(page);
  const [before, written] = [await shownOn(page), await values()];
  const keeps = async (when: string): Promise<void> => {
    if ((await values()).join("\n") !== written.join("\n")) faults.push(`loses what was written ${when}`);
  };
  const failed = await failReadings(page);
  await becomes(true, "does not say that it cannot be read");
  if (failed() === 0) faults.push("read nothing");
  await page.waitForLoadState("networkidle");
  const after = await shownOn(page);
  faults.push(...before.filter((text) => !after.includes(text)).map((text) => `loses ${text}`));
  await keeps("while it cannot be read");
  await page.unrouteAll({ behavior: "wait" });
  await becomes(false, "says that it cannot be read once it can");
  await keeps("once it is read again");
  return { faults, hadDialog: written.some((text) => text.startsWith("dialog: ")) };
}

it("every page that reads something keeps it, what was written and its dialogs while reading it again fails", async () => {
  const visit = await stage.logIn(bo);
  await visit.page.addInitScript(line);
  const [faults, withDialog]: [string[], string[]] = [[], []];
  for (const [name, route] of Object.entries(routes)) {
    if (unread.includes(name)) continue;
    const found = await look(visit, route);
    faults.push(...found.faults.map((fault) => `${name} ${fault}`));
    if (found.hadDialog) withDialog.push(name);
  }
  expect(faults).toEqual([]);
  expect(withDialog).toEqual(expect.arrayContaining(["request", "stop", "unknown", "agent", "workflow", "person"]));
}, 480_000);
