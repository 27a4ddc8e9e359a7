import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo, cy, until } from "../support/plane.ts";
import { dee, type NotesStage, openNotes } from "./open-notes.ts";

let stage: NotesStage;
beforeAll(async () => {
  stage = await openNotes();
}, 120_000);
afterAll(() => stage?.close());

/** Stops an agent from wherever the person is; what the server answered. */
async function stopFrom(page: Page, how: "button" | "keys", name: string): Promise<{ status: number; json: Stopped }> {
  if (how === "button") await page.click("nav.rail button.stop");
  else for (const key of ["s", "s"]) await page.keyboard.press(key);
  const dialog = page.locator("dialog[open]");
  await dialog.getByLabel("agent", { exact: true }).check();
  await dialog.getByLabel("Which agent").fill(name);
  await dialog.getByLabel("Why").fill("it writes where nobody asked it to");
  const answered = page.waitForResponse((one) => one.url().endsWith("/v1/stops") && one.request().method() === "POST");
  await dialog.locator("button[type=submit]").click();
  const response = await answered;
  return { status: response.status(), json: await response.json() };
}

interface Stopped {
  readonly stop: { readonly id: string };
  readonly tookMs: number;
  readonly frozen: readonly string[];
}

describe("stopping and lifting in the console", () => {
  it("MT-195 an approver who is no administrator stops an agent from any page, in less than a second", async () => {
    const visit = await stage.logIn(dee);
    const { page } = visit;
    for (const [path, how] of [
      ["/inbox", "button"],
      ["/policies", "keys"],
      ["/workflows/docs-upkeep", "button"],
    ] as const) {
      await visit.open(path);
      const { status, json } = await stopFrom(page, how, "coder");
      expect(status).toBe(201);
      expect(json.tookMs).toBeLessThan(10_000);
      expect(await page.textContent("dialog[open] [role=status]")).toContain("is stopped");
      const lift = { key: await stage.plane.person(bo), body: { reason: "a test goes on" } };
      await stage.plane.call("POST", `/v1/stops/${json.stop.id}/lift`, lift);
    }
    expect(visit.faults).toEqual([]);
  });

  it("what is stopped is chosen among what there is; a name that is not there stops nothing, and says what was meant", async () => {
    const { page, open, faults } = await stage.logIn(dee);
    await open("/inbox");
    await page.click("nav.rail button.stop");
    const dialog = page.locator("dialog[open]");
    const sent: string[] = [];
    page.on("request", (request) => request.method() !== "GET" && sent.push(request.url()));
    const offered = (scope: string) =>
      dialog
        .locator(`input[list=stop-names] >> xpath=../..//datalist/option`)
        .evaluateAll((all, of) => [of, ...all.map((one) => (one as HTMLOptionElement).value)], scope);
    for (const [scope, name] of [
      ["agent", "scribe"],
      ["workflow", "docs-upkeep"],
      ["tool", "notes"],
      ["tool", "files.write_file"],
      ["system", "filesystem"],
    ] as const) {
      await dialog.getByLabel(scope, { exact: true }).check();
      await page.waitForSelector("dialog[open] datalist option", { state: "attached" });
      expect(await offered(scope)).toContain(name);
    }
    await dialog.getByLabel("agent", { exact: true }).check();
    await dialog.getByLabel("Which agent").fill("scirbe");
    await dialog.getByLabel("Why").fill("it writes too much");
    await dialog.locator("button[type=submit]").click();
    const field = dialog.getByLabel("Which agent");
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await page.textContent("#stop-name-help")).toBe(
      "There is no agent scirbe. Nothing was stopped. Did you mean scribe?",
    );
    expect(await field.evaluate((one) => document.activeElement === one)).toBe(true);
    expect(sent).toEqual([]);
    // What was written beside it is still there.
    expect(await dialog.getByLabel("Why").inputValue()).toBe("it writes too much");
    await field.fill("coder");
    expect(await page.textContent("#stop-name-help")).toContain("Type to choose among");
    expect(faults).toEqual([]);
  });

  it("a system is stopped by the name that its calls go under, and under no other", async () => {
    const held = await stage.held("system.md");
    const key = await stage.plane.person(ana);
    const stop = (name: string) =>
      stage.plane.call("POST", "/v1/stops", { key, body: { scope: "system", name, reason: "it is full" } });
    expect((await stop("files")).status).toBe(404);
    const { status, json } = await stop("filesystem");
    expect([status, json.frozen]).toEqual([201, expect.arrayContaining([held])]);
    const lift = { key: await stage.plane.person(bo), body: { reason: "a test goes on" } };
    await stage.plane.call("POST", `/v1/stops/${json.stop.id}/lift`, lift);
  });

  it("MT-195 whoever may only look is told that they may not, and nothing is stopped", async () => {
    const { page, open } = await stage.logIn(cy);
    await open("/agents");
    const { status } = await stopFrom(page, "button", "scribe");
    expect(status).toBe(403);
    expect(await page.textContent("dialog[open] [role=alert]")).toContain("`stop` is for");
  });

  it("a stop shows what it froze, says in plain words that its own taker cannot lift it, and another person does", async () => {
    const held = await stage.held("stopped.md");
    const first = await stage.logIn(dee);
    await first.open("/inbox");
    const { json } = await stopFrom(first.page, "button", "scribe");
    expect(json.frozen).toContain(held);
    await first.open(`/stops/${json.stop.id}`);
    await first.page.waitForSelector("article");
    const said = (await first.page.textContent("article")) ?? "";
    expect(said).toContain("You took this stop, so somebody else has to lift it.");
    expect(await first.page.locator('ul[aria-label="what it found held"]').textContent()).toContain("frozen");
    expect(await first.page.getByRole("button", { name: "Lift it" }).count()).toBe(0);
    const second = await stage.logIn(bo);
    await second.open(`/stops/${json.stop.id}`);
    await second.page.getByRole("button", { name: "Lift it" }).click();
    await second.page.locator("dialog[open]").getByLabel("Why it may go on").fill("it was a misunderstanding");
    await second.page.locator("dialog[open] button[type=submit]").click();
    await second.page.waitForSelector("article h2 >> text=lifted");
    const lifted = (await second.page.textContent("article")) ?? "";
    expect(lifted).toMatch(new RegExp(`Until\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC, when ${bo} lifted it`));
    expect(lifted).not.toContain("somebody lifts it");
    // Who looks at it meanwhile sees it, too.
    await first.page.waitForSelector("article h2 >> text=lifted");
  });

  it("an unknown is a question in plain words, and a person's answer with evidence ends it and its alert", async () => {
    stage.notes.lose();
    const id = await stage.send("bo@acme.example");
    const key = await stage.plane.person(ana);
    const stateOf = async () => (await stage.plane.call("GET", `/v1/actions/${id}`, { key })).json.state;
    await until(async () => ((await stateOf()) === "unknown" ? true : undefined));
    const { page, open } = await stage.logIn(bo);
    await open("/unknowns");
    await page.click("text=Did notes.send_note on bo@acme.example happen?");
    await page.waitForURL(`**/unknowns/${id}`);
    expect(await page.textContent("article")).toContain("only a person can find out");
    await page.getByRole("button", { name: "It happened" }).click();
    await page.locator("dialog[open]").getByLabel("How you know").fill("the note lies in the inbox of bo");
    await page.locator("dialog[open] button[type=submit]").click();
    await page.waitForSelector("text=Nobody has to say any more what became of it");
    expect(await stateOf()).toBe("done");
    const { json } = await stage.plane.call("GET", "/v1/alerts", { key });
    expect(json.alerts.filter(({ subject }: { subject: string }) => subject === id)).toEqual([]);
    expect(stage.notes.sent()).toBe(1);
  });
});
