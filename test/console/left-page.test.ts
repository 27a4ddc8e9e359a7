import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page, Request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bo, until } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

/** A page that is left while an answer waits in it may never run again: a phone takes its time away, and asks nobody. */
let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
});
afterAll(() => stage?.close());

const becomes = (id: string, state: string) =>
  until(async () => {
    const { json } = await stage.plane.call("GET", `/v1/actions/${id}`, { key: stage.scribe });
    return json.state === state ? true : undefined;
  });

/** How often somebody answered it, as the server has it. */
async function answersTo(id: string): Promise<number> {
  const { json } = await stage.plane.call("GET", "/v1/answers", { key: await stage.plane.person(bo) });
  return json.answers.filter(({ action }: { readonly action: string }) => action === id).length;
}

/** An approval that waits in a page whose clock stands, as that of a page that a phone has put to sleep. */
async function waiting(path: string, approve: string) {
  const { page, open } = await stage.logIn(bo, { width: 390, touch: true });
  const sent: Request[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && /\/(answer|batch)$/.test(request.url())) sent.push(request);
  });
  page.on("dialog", (dialog) => dialog.accept());
  await open(path);
  const button = page.locator(`main button:not(:disabled):text-is("${approve}")`);
  await button.waitFor();
  await page.evaluate(() => {
    window.setTimeout = (() => 0) as unknown as typeof window.setTimeout;
  });
  await button.click();
  await page.getByRole("button", { name: "Take it back" }).waitFor();
  return { page, sent };
}

const show = (page: Page, state: "hidden" | "visible") =>
  page.evaluate((now) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => now });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, state);

describe("an answer that waits in a page that is left", () => {
  it("is sent at once, and only once, where another tab or program is before it; what came of it is told at return", async () => {
    const id = await stage.held("hidden.md");
    const { page, sent } = await waiting(`/inbox/${id}`, "Approve");
    // Noted before an answer is sent, otherwise: there is no time for it.
    await page.route("**/v1/answers?*", () => undefined);
    await show(page, "hidden");
    await becomes(id, "done");
    await show(page, "visible");
    await show(page, "hidden");
    await show(page, "visible");
    await page.locator(".outcome").getByText("You approved scribe's files.write_file.").waitFor();
    expect(sent).toHaveLength(1);
    expect(await sent[0]?.headerValue("x-countersign-csrf")).toBeTruthy();
    expect(await answersTo(id)).toBe(1);
  });

  it("is sent where it is about to be while its page is left", async () => {
    const id = await stage.held("about-to.md");
    const { page, sent } = await waiting(`/inbox/${id}`, "Approve");
    const asked = Promise.withResolvers<void>();
    await page.route("**/v1/answers?*", () => asked.resolve());
    await page.getByRole("button", { name: "Send now" }).click();
    await asked.promise;
    expect(sent).toEqual([]);
    await show(page, "hidden");
    await becomes(id, "done");
    expect(sent).toHaveLength(1);
  });

  it("is not sent where it was taken back before", async () => {
    const id = await stage.held("kept.md");
    const { page, sent } = await waiting(`/inbox/${id}`, "Approve");
    await page.getByRole("button", { name: "Take it back" }).click();
    await show(page, "hidden");
    await show(page, "visible");
    await page.getByText("Taken back: nothing was sent.").waitFor({ state: "attached" });
    expect(sent).toEqual([]);
    expect(await answersTo(id)).toBe(0);
  });

  it.each(["goes to another page", "closes it"])("is sent where somebody %s", async (how) => {
    const id = await stage.held(`${how.replaceAll(" ", "-")}.md`);
    const { page } = await waiting(`/inbox/${id}`, "Approve");
    if (how === "closes it") await page.close({ runBeforeUnload: true });
    else await page.goto("about:blank");
    await becomes(id, "done");
    expect(await answersTo(id)).toBe(1);
  });

  it("is told as not recorded at return where it could not be sent", async () => {
    const id = await stage.held("no-network.md");
    const { page } = await waiting(`/inbox/${id}`, "Approve");
    await page.route(`**/v1/approvals/${id}/answer`, (route) => route.abort("internetdisconnected"));
    await show(page, "hidden");
    await show(page, "visible");
    await page.locator(".outcome").getByText("is recorded so far. It waits still").waitFor();
    expect(await answersTo(id)).toBe(0);
  });

  it("is sent at once where it is one to several", async () => {
    const ids: string[] = [];
    for (const name of ["several-a.md", "several-b.md"]) {
      writeFileSync(join(stage.plane.folder, "sandbox", name), "before\n");
      ids.push(await stage.held(name, { content: "after\n" }));
    }
    const key = await stage.plane.person(bo);
    for (const id of ids) await stage.plane.call("GET", `/v1/approvals/${id}`, { key });
    const { page, sent } = await waiting("/inbox/batches", "Approve all 2");
    await page.route("**/v1/answers?*", () => undefined);
    await show(page, "hidden");
    for (const id of ids) await becomes(id, "done");
    expect(sent).toHaveLength(1);
  });
});
