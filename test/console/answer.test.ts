import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo, until } from "../support/plane.ts";
import { holdReadings } from "./hold-readings.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
});
afterAll(() => stage?.close());

async function stateOf(id: string): Promise<string> {
  return (await stage.plane.call("GET", `/v1/actions/${id}`, { key: stage.scribe })).json.state;
}
const becomes = (id: string, state: string) => until(async () => ((await stateOf(id)) === state ? true : undefined));

async function answerOf(email: string, id: string) {
  const { json } = await stage.plane.call("GET", "/v1/answers", { key: await stage.plane.person(email) });
  return json.answers.find((one: { readonly action: string }) => one.action === id);
}

const armed = (page: Page) => page.waitForSelector("section.answer .deeds button:not(:disabled)");
const approve = (page: Page) => page.click('section.answer .deeds button:has-text("Approve")');
const button = (page: Page, name: string) => page.getByRole("button", { name });
const isFocused = (page: Page, selector: string) =>
  page.waitForFunction((one) => document.activeElement?.matches(one) === true, selector);

/** The request in a browser of this person's, and every answer that it sends. */
async function shown(id: string, email = bo) {
  const visit = await stage.logIn(email);
  const sent: string[] = [];
  visit.page.on("request", (request) => {
    if (request.method() === "POST" && request.url().includes("/answer")) sent.push(request.url());
  });
  await visit.open(`/inbox/${id}`);
  await armed(visit.page);
  return { ...visit, sent };
}

/** Every reading of this request fails from now on, as where a server falls over. */
async function failReads(page: Page, id: string): Promise<void> {
  const body = JSON.stringify({ type: "t", title: "t", status: 500, code: "bug", detail: "it fell over" });
  await page.route(`**/v1/approvals/${id}`, (route) =>
    route.fulfill({ status: 500, contentType: "application/problem+json", body }),
  );
}

async function denyElsewhere(id: string): Promise<void> {
  const key = await stage.plane.person(ana);
  const { callDigest, shownDigest } = (await stage.plane.call("GET", `/v1/approvals/${id}`, { key })).json;
  const body = { verdict: "deny", reason: "not today", callDigest, shownDigest };
  await stage.plane.call("POST", `/v1/approvals/${id}/answer`, { key, body });
}

describe("an answer that waits", () => {
  it("counts how long somebody looked until they answered, not until it was sent", async () => {
    const id = await stage.held("looked.md");
    const before = performance.now();
    const { page } = await shown(id);
    await approve(page);
    const looked = performance.now() - before;
    await becomes(id, "done");
    const { dwellMs } = await answerOf(bo, id);
    expect(dwellMs).toBeGreaterThanOrEqual(390);
    expect(dwellMs).toBeLessThanOrEqual(looked + 1);
  });

  it("stays, and can be taken back, where its request cannot be read again for a moment", async () => {
    const id = await stage.held("falls.md");
    const { page, sent } = await shown(id);
    await failReads(page, id);
    const readings = await holdReadings(page, `**/v1/approvals/${id}`);
    await stage.held("another.md");
    await readings.asked;
    await approve(page);
    await button(page, "Take it back").waitFor();
    readings.release();
    await page.waitForSelector("article .trouble >> text=It fell over");
    await button(page, "Take it back").click();
    expect(sent).toEqual([]);
    // A dialog, and what was written in it, stays as well.
    await page.click('section.answer button:has-text("Ask back")');
    await page.fill("dialog[open] textarea", "who wants this?");
    const failed = page.waitForResponse((response) => response.url().endsWith(id) && response.status() === 500);
    await stage.held("one-more.md");
    await failed;
    expect(await page.inputValue("dialog[open] textarea")).toBe("who wants this?");
    await page.keyboard.press("Escape");
    await page.unroute(`**/v1/approvals/${id}`);
    await button(page, "Try again").click();
    await page.waitForFunction(() => document.querySelector("article > .trouble") === null);
    expect(sent).toEqual([]);
    expect(await stateOf(id)).toBe("held");
  });

  it("is not sent, and that is said, where its request ends first", async () => {
    const id = await stage.held("ends.md");
    const { page, sent } = await shown(id);
    const readings = await holdReadings(page, `**/v1/approvals/${id}`);
    await denyElsewhere(id);
    await readings.asked;
    await approve(page);
    await button(page, "Take it back").waitFor();
    readings.release();
    await page.waitForSelector(".outcome >> text=/was not sent: the request ended/");
    expect(sent).toEqual([]);
    expect(await stateOf(id)).toBe("refused");
  });

  it("is sent where somebody goes on, who stays where they went", async () => {
    const id = await stage.held("left.md");
    await stage.held("next.md");
    const { page, sent } = await shown(id);
    await approve(page);
    await page.click('nav.rail a:has-text("Runs")');
    await page.waitForSelector(".outcome >> text=/You approved/");
    await becomes(id, "done");
    await page.waitForSelector(".outcome >> text=/It is done now/");
    await page.waitForTimeout(300);
    expect(new URL(page.url()).pathname).toBe("/runs");
    expect(sent).toHaveLength(1);
    // What was written for it is forgotten all the same.
    expect(await page.evaluate((one) => sessionStorage.getItem(`countersign.reason.${one}`), id)).toBe(null);
  });
});

describe("an answer whose reply is lost", () => {
  it("is looked up, and told as given where it arrived", async () => {
    const id = await stage.held("lost-reply.md");
    const { page } = await shown(id);
    const told: string[] = [];
    await page.exposeFunction("heard", (text: string) => told.push(text));
    await page.evaluate(() => {
      const line = document.querySelector(".outcome");
      const { heard } = globalThis as unknown as { heard: (text: string) => void };
      if (line !== null)
        new MutationObserver(() => heard(line.textContent ?? "")).observe(line, {
          subtree: true,
          childList: true,
          characterData: true,
        });
    });
    await page.route(`**/v1/approvals/${id}/answer`, async (route) => {
      await route.fetch();
      await route.abort("connectionreset");
    });
    await approve(page);
    await button(page, "Send now").click();
    await page.waitForSelector(".outcome >> text=/Your answer arrived: you approved/");
    await page.waitForSelector(".outcome >> text=/It is done now/");
    expect(await stateOf(id)).toBe("done");
    expect(told.join("\n")).toMatch(/not known whether/);
    expect(told.join("\n")).not.toMatch(/was not given|nothing was changed/i);
  });

  it("is told as not recorded where it never arrived, and can be given again", async () => {
    const id = await stage.held("lost-answer.md");
    const { page } = await shown(id);
    // What stands before the server fails, and says nothing of the server's form.
    await page.route(`**/v1/approvals/${id}/answer`, (route) => route.fulfill({ status: 502, body: "<html>" }));
    await approve(page);
    await button(page, "Send now").click();
    await page.waitForSelector(".outcome >> text=/No answer of yours to .* is recorded so far. It waits still/");
    expect(await page.textContent(".answer .trouble")).toMatch(/recorded so far.*waits still/i);
    expect(await stateOf(id)).toBe("held");
    await page.unroute(`**/v1/approvals/${id}/answer`);
    await armed(page);
    await approve(page);
    await button(page, "Send now").click();
    await becomes(id, "done");
  });

  it("is a stop whose reply is lost: nobody is told that nothing was changed", async () => {
    const { page, open } = await stage.logIn(bo);
    await open("/inbox");
    await page.route("**/v1/stops", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      await route.fetch();
      return route.abort("connectionreset");
    });
    await page.click("nav.rail button.stop");
    const dialog = page.locator("dialog[open]");
    await dialog.getByLabel("agent", { exact: true }).check();
    await dialog.getByLabel("Which agent").fill("coder");
    await dialog.getByLabel("Why").fill("it writes where it should not");
    await dialog.locator("button[type=submit]").click();
    await dialog.locator(".trouble").waitFor();
    const text = await dialog.locator(".trouble").textContent();
    expect(text).toMatch(/it is not known whether this arrived: look before you do it again/i);
    expect(text).not.toMatch(/nothing was changed/i);
    const { json } = await stage.plane.call("GET", "/v1/stops", { key: await stage.plane.person(ana) });
    expect(json.stops).toHaveLength(1);
  });
});

describe("the keyboard's place", () => {
  it("is at the request that a key or an answer led to, which the tab's title names", async () => {
    const [first, second] = [await stage.held("read-first.md"), await stage.held("read-second.md")];
    const { page, open } = await stage.logIn(bo);
    await open("/inbox");
    await page.waitForSelector(`#row-${second}`);
    expect(await page.title()).toBe("Inbox · Countersign");
    await page.keyboard.press("j");
    await page.waitForURL("**/inbox/act_*");
    await isFocused(page, "article h2");
    expect(await page.title()).toBe("Request: scribe, files.write_file · Countersign");
    // A link that was followed keeps the focus.
    await page.click(`#row-${first} a`);
    await armed(page);
    await isFocused(page, `#row-${first} a`);
    await page.keyboard.press("a");
    await page.waitForSelector("text=Send now");
    await button(page, "Send now").click();
    await page.waitForURL((url) => !url.pathname.endsWith(first));
    await isFocused(page, "article h2");
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.waitForURL("**/runs");
    await isFocused(page, "main");
  });

  it("is at what takes an answer back while one waits, and at the answer's button again after it", async () => {
    const id = await stage.held("held-back.md");
    const { page, sent } = await shown(id);
    const status = page.locator('section.answer [role="status"]');
    expect(await status.textContent()).toBe("");
    await approve(page);
    await page.waitForFunction(() => document.activeElement?.textContent?.startsWith("Take it back"));
    const said = await status.textContent();
    expect(said).toMatch(/^Approving.*Take it back/);
    await page.waitForSelector("text=/Approving in [1-4] s/");
    // What runs is not read out each second.
    expect(await status.textContent()).toBe(said);
    expect(await page.getByText(/Approving in \d s/).getAttribute("aria-hidden")).toBe("true");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.textContent === "Approve");
    expect(await status.textContent()).toBe("Taken back: nothing was sent.");
    expect(sent).toEqual([]);
  });
});

describe("what is written and chosen meanwhile", () => {
  it("a reason cannot change while its answer waits, and another one is not forgotten with it", async () => {
    const id = await stage.held("reason.md");
    const { page } = await shown(id);
    const reason = "section.answer textarea";
    await page.fill(reason, "it is right");
    await approve(page);
    await page.waitForSelector("text=Send now");
    expect(await page.isEditable(reason)).toBe(false);
    await page.keyboard.press("u");
    expect(await page.isEditable(reason)).toBe(true);
    expect(await page.inputValue(reason)).toBe("it is right");
    // Somebody goes on, comes back while it is on its way, and writes something else.
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(`**/v1/approvals/${id}/answer`, async (route) => {
      await held;
      await route.continue();
    });
    await armed(page);
    await approve(page);
    await page.click('nav.rail a:has-text("Runs")');
    await page.waitForURL("**/runs");
    await page.goBack();
    await page.fill(reason, "or is it?");
    release();
    await page.waitForSelector(".outcome >> text=/You approved/");
    expect(await page.evaluate((one) => sessionStorage.getItem(`countersign.reason.${one}`), id)).toBe("or is it?");
  });

  it("where the list chose the request, its controls neither send nor drop what waits", async () => {
    const id = await stage.held("chosen-by-the-list.md");
    const { page, open } = await stage.logIn(bo);
    const sent: string[] = [];
    page.on("request", (request) => {
      if (request.method() === "POST" && request.url().includes("/answer")) sent.push(request.url());
    });
    await open("/inbox?order=time");
    await armed(page);
    const looked = await page.getAttribute('ul[aria-label="Requests that wait"] a[aria-current]', "href");
    await stage.held("came-since.md");
    await page.getByRole("button", { name: "Put in order again" }).waitFor();
    await approve(page);
    await page.waitForURL((url) => `${url.pathname}${url.search}` === looked);
    await page.getByRole("button", { name: "Put in order again" }).click();
    await page.getByLabel("only what I may answer").check();
    await page.getByLabel("Order").selectOption("risk");
    expect(await button(page, "Take it back").count()).toBe(1);
    await button(page, "Take it back").click();
    expect(sent).toEqual([]);
    expect(await page.textContent(".outcome")).toBe("");
    expect(await stateOf(id)).toBe("held");
  });

  it("a dialog that a stop closed does not open by itself once it is lifted", async () => {
    const id = await stage.held("thawed.md");
    const { page } = await shown(id);
    await page.click('section.answer button:has-text("Ask back")');
    await page.waitForSelector("dialog[open]");
    const body = { scope: "agent", name: "scribe", reason: "it writes too much" };
    const { json } = await stage.plane.call("POST", "/v1/stops", { key: await stage.plane.person(ana), body });
    await page.waitForSelector("text=It is frozen: nobody can answer it now.");
    const lift = { key: await stage.plane.person(bo), body: { reason: "a test goes on" } };
    await stage.plane.call("POST", `/v1/stops/${json.stop.id}/lift`, lift);
    await armed(page);
    expect(await page.locator("dialog[open]").count()).toBe(0);
  });
});

it("an answer that waits is not sent where a stop freezes its request, and that is said", async () => {
  const id = await stage.held("frozen.md");
  const { page, sent } = await shown(id);
  const readings = await holdReadings(page, `**/v1/approvals/${id}`);
  const body = { scope: "agent", name: "scribe", reason: "it writes too much" };
  await stage.plane.call("POST", "/v1/stops", { key: await stage.plane.person(ana), body });
  await readings.asked;
  await approve(page);
  await button(page, "Take it back").waitFor();
  readings.release();
  await page.waitForSelector(".outcome >> text=/was not sent: it is frozen/");
  await page.waitForSelector("text=It is frozen: nobody can answer it now.");
  expect(sent).toEqual([]);
});
