import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo } from "../support/plane.ts";
import { holdReadings } from "./hold-readings.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

/** What is read again behind a page takes nothing away from whoever writes, chooses or is about to press there. */
let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
});
afterAll(() => stage?.close());

/** Every reading of this address fails from now on, as where a server falls over. */
async function failReads(page: Page, address: string): Promise<void> {
  const body = JSON.stringify({ type: "t", title: "t", status: 500, code: "bug", detail: "it fell over" });
  await page.route(address, (route) =>
    route.request().method() === "GET"
      ? route.fulfill({ status: 500, contentType: "application/problem+json", body })
      : route.fallback(),
  );
}

async function deny(id: string): Promise<void> {
  const key = await stage.plane.person(ana);
  const { callDigest, shownDigest } = (await stage.plane.call("GET", `/v1/approvals/${id}`, { key })).json;
  const body = { verdict: "deny", reason: "not today", callDigest, shownDigest };
  expect((await stage.plane.call("POST", `/v1/approvals/${id}/answer`, { key, body })).status).toBe(200);
}

const isFocused = (page: Page, selector: string) =>
  page.evaluate((one) => document.activeElement?.matches(one) === true, selector);

describe("the inbox", () => {
  it("puts no other request in the place of the one that it chose, where that ends while a reason is written", async () => {
    for (const name of ["chosen.md", "beside.md"]) await stage.held(name);
    const { page, open } = await stage.logIn(bo);
    await open("/inbox");
    await page.waitForSelector("section.answer .deeds button:not(:disabled)");
    const first = await page.getAttribute('ul[aria-label="Requests that wait"] a[aria-current]', "href");
    const id = first?.split("/").at(-1) ?? "";
    await page.click("section.answer textarea");
    await page.keyboard.type("I have my doubts ");
    await deny(id);
    await page.waitForSelector(`#row-${id} >> text=answered or ended`);
    await page.waitForSelector("article >> text=This request waits no more");
    await page.keyboard.type("about a");
    expect(await page.locator("section.answer").count()).toBe(0);
    expect(await page.locator("text=Take it back").count()).toBe(0);
    // Whoever comes back, or has it put in order, looks at the first that waits.
    const waits = await page.getAttribute(`#row-${id} + li a`, "href");
    await page.click(`#row-${id} + li a`);
    await page.waitForURL(`**${waits}`);
    await page.click('nav.rail a:has-text("Inbox")');
    await page.waitForSelector("section.answer .deeds button:not(:disabled)");
    await page.click("text=Put in order again");
    await page.waitForSelector("section.answer .deeds button:not(:disabled)");
  });

  it("has what was decided leave before the rest closes up, at once where somebody wants nothing to move", async () => {
    const { page, open } = await stage.logIn(bo);
    for (const motion of ["no-preference", "reduce"] as const) {
      const [id, stays] = [await stage.held(`leaves-${motion}.md`), await stage.held(`stays-${motion}.md`)];
      await page.emulateMedia({ reducedMotion: motion });
      await open(`/inbox/${stays}`);
      await page.waitForSelector(`#row-${id}`);
      await deny(id);
      await page.waitForSelector(`#row-${id} >> text=answered or ended`);
      const left = await page.evaluateHandle((one) => {
        const seen: string[] = [];
        addEventListener("transitionrun", ({ target, propertyName }) => {
          if (target instanceof Element && target.id === `row-${one}`)
            seen.push(`${propertyName} ${getComputedStyle(target).transitionDuration.split(",")[0]}`);
        });
        return seen;
      }, id);
      await page.click("text=Put in order again");
      await page.locator(`#row-${id}`).waitFor({ state: "detached" });
      expect((await left.jsonValue()).toSorted()).toEqual(
        motion === "reduce" ? [] : ["opacity 0.12s", "translate 0.12s"],
      );
      await page.waitForFunction(() => document.activeElement?.matches("ul.rows a.row") === true);
      expect(await page.locator(`#row-${stays}`).getAttribute("class")).toBe("leaves");
    }
  });

  it("keeps what narrows it, and the keyboard's place there, while it is read anew", async () => {
    await stage.held("narrowed.md");
    const { page, open } = await stage.logIn(bo);
    await open("/inbox");
    await page.waitForSelector("ul.rows a.row");
    const readings = await holdReadings(page, "**/v1/approvals?*mine=true*");
    await page.getByLabel("only what I may answer").focus();
    await page.keyboard.press("Space");
    await readings.asked;
    expect(await isFocused(page, ".list .bar input")).toBe(true);
    expect(await page.locator("text=Nothing waits").count()).toBe(0);
    readings.release();
    await page.waitForSelector("ul.rows a.row");
    expect(await isFocused(page, ".list .bar input")).toBe(true);
  });
});

it("a search that found nothing at first leads nobody away once something is found", async () => {
  const { page, open } = await stage.logIn(ana);
  await open("/find?q=zanzibar-9021");
  await page.waitForSelector("main .empty");
  await stage.held("later.md", { content: "about zanzibar-9021\n" });
  await page.waitForSelector("ul.rows a.row");
  expect(new URL(page.url()).pathname).toBe("/find");
  // Asked anew, it opens at once.
  await page.reload();
  await page.waitForURL("**/actions/act_*");
});

it("what is chosen for a question to the engine stays where the names are read again before it is asked", async () => {
  const { page, open } = await stage.logIn(ana);
  await open("/policies?view=who-can");
  await page.selectOption("select[name=agent]", "scribe");
  await page.selectOption("select[name=environment]", "staging");
  await stage.putInForce((files) => ({
    "countersign.yaml":
      files["countersign.yaml"]?.replace("environments:\n", "environments:\n  annex: { production: false }\n") ?? "",
  }));
  await page.waitForSelector("select[name=environment] >> text=annex", { state: "attached" });
  expect(await page.inputValue("select[name=agent]")).toBe("scribe");
  expect(await page.inputValue("select[name=environment]")).toBe("staging");
});

describe("a reading that fails", () => {
  it("closes no dialog: a stop can still be lifted", async () => {
    const key = await stage.plane.person(ana);
    const body = { scope: "agent", name: "coder", reason: "it writes too much" };
    const { json } = await stage.plane.call("POST", "/v1/stops", { key, body });
    const { page, open } = await stage.logIn(bo);
    await open(`/stops/${json.stop.id}`);
    await page.getByRole("button", { name: "Lift it" }).click();
    const why = page.locator("dialog[open] textarea");
    await why.fill("it was a ");
    await failReads(page, `**/v1/stops/${json.stop.id}`);
    await page.locator("article .trouble >> text=It fell over").waitFor({ state: "attached" });
    await page.keyboard.type("misunderstanding");
    expect(await why.inputValue()).toBe("it was a misunderstanding");
    await page.locator("dialog[open] button[type=submit]").click();
    await page.locator("dialog[open]").waitFor({ state: "detached" });
  });

  it("takes no rule that is written on the workbench", async () => {
    const id = await stage.held("bench.md");
    const { page, open } = await stage.logIn(ana);
    await open(`/workbench/${id}`);
    await page.locator("section[aria-label='The rule'] select").first().selectOption("refuse");
    const text = `${await page.inputValue("#rule-text")}// mine\n`;
    await page.locator("#rule-text").fill(text);
    await failReads(page, `**/v1/actions/${id}`);
    await deny(id);
    await page.waitForSelector(".trouble >> text=It fell over");
    expect(await page.inputValue("#rule-text")).toBe(text);
  });
});
