import { afterAll, beforeAll, expect, it } from "vitest";
import { bo, cy, until } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole({
    edit: {
      "countersign.yaml": (text) => `${text}\napprovals: { canaries: { share: 0% }, breakGlass: { by: [${cy}] } }\n`,
      "workflows/docs-upkeep.yaml": (text) => text.replace("count: 1\n", "count: 2\n"),
    },
  });
});
afterAll(() => stage?.close());

const stateOf = async (id: string) =>
  (await stage.plane.call("GET", `/v1/actions/${id}`, { key: stage.scribe })).json.state;

it("MT-150 the glass is broken in two steps by whom it is shown to, and reviewed by somebody else", async () => {
  const id = await stage.held("night.md");
  const asked = await stage.logIn(bo);
  await asked.open(`/inbox/${id}`);
  await asked.page.waitForSelector("section.answer button:not(:disabled)");
  expect(await asked.page.locator("text=Break the glass").count()).toBe(0);

  const { page, open } = await stage.logIn(cy);
  await open(`/inbox/${id}`);
  await page.click('button:has-text("Break the glass …"):not(:disabled)');
  const dialog = page.locator("dialog[open]");
  expect(await dialog.textContent()).toContain("You would answer this alone");
  expect(await dialog.textContent()).toContain("2 answers from editors");
  // Neither without a reason nor without the box: the browser itself holds the form back.
  await dialog.locator('button[type="submit"]').click();
  await dialog.locator("textarea").fill("nobody answers <b>the phone</b>");
  await dialog.locator('button[type="submit"]').click();
  expect(await stateOf(id)).toBe("held");
  await dialog.locator("input[name=alone]").check();
  await dialog.locator('button[type="submit"]').click();
  await page.waitForSelector("text=You broke the glass over scribe's files.write_file");
  await until(async () => ((await stateOf(id)) === "done" ? true : undefined), 60_000);
  await open("/inbox/glass");
  await page.waitForSelector("text=/Break-glass by cy@acme.example/");
  expect(await page.locator('button:has-text("Review it")').count()).toBe(0);
  await open(`/actions/${id}`);
  await page.waitForSelector("text=/alone, by break-glass/", { state: "attached" });

  await asked.open("/inbox/glass");
  await asked.page.waitForSelector("text=nobody answers <b>the phone</b>");
  await asked.page.click('button:has-text("Review it")');
  await asked.page.fill("form input[name=found]", "the pager has it");
  await asked.page.click('button:has-text("Reviewed")');
  await asked.page.waitForSelector(`text=/reviewed by ${bo}/`);
  await asked.page.waitForSelector("text=the pager has it");
});
