import { afterAll, beforeAll, expect, it } from "vitest";
import { bo } from "../support/plane.ts";
import { type Acted, actOn } from "./acted.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
let acted: Acted;
beforeAll(async () => {
  stage = await openConsole();
  acted = await actOn(stage);
});
afterAll(() => stage?.close());

it("a browser that refuses to keep anything shows every page, and keeps what is chosen as long as the page", async () => {
  const { page, open, faults, context } = await stage.logIn(bo);
  await context.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException("access is denied for this document", "SecurityError");
        },
      });
  });
  await open("/ledger");
  await page.getByText("This browser sees the ledger for the first time").waitFor();
  // What is kept for the page is what the next look compares with.
  await page.getByRole("button", { name: "Verify again" }).click();
  await page.getByText(/The ledger (is as this browser saw it last|only grew)/).waitFor();
  await open(`/actions/${acted.written}`);
  await page
    .getByText(/verified in your browser/i)
    .first()
    .waitFor();
  await open("/inbox");
  await page.getByText("Nothing waits for an answer.").waitFor();
  await open("/runs?q=agent%3Ascribe");
  await page.getByRole("button", { name: "Keep this view" }).click();
  await page.getByLabel("Name of this view").fill("of scribe");
  await page.keyboard.press("Enter");
  await page.locator(".views a", { hasText: "of scribe" }).waitFor();
  await page.click('nav.rail a:has-text("Agents")');
  await page.click('nav.rail a:has-text("Runs")');
  await page.locator(".views a", { hasText: "of scribe" }).waitFor();
  await page.getByRole("button", { name: "Forget the view of scribe" }).click();
  await page.locator(".views a").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Keys", exact: true }).click();
  const single = page.getByLabel("single keys work as shortcuts");
  await single.uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  expect(await page.locator("dialog[open]").count()).toBe(0);
  expect(faults).toEqual([]);
});
