import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo, until } from "../support/plane.ts";
import { asksForTickets, openTickets, type TicketServer, ticketFile } from "../support/ticket-server.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
let tickets: TicketServer;
beforeAll(async () => {
  tickets = await openTickets();
  stage = await openConsole({
    add: { "tools/tickets.yaml": ticketFile(tickets.url) },
    edit: { "workflows/docs-upkeep.yaml": asksForTickets },
  });
  const key = await stage.plane.person(ana);
  for (let left = 2; left > 0; ) {
    const { reviews } = (await stage.plane.call("GET", "/v1/catalog/reviews", { key })).json;
    for (const { server, tool, digest } of reviews.filter((one: { server: string }) => one.server === "tickets")) {
      const body = { server, tool, digest, answer: "approve" };
      if ((await stage.plane.call("POST", "/v1/catalog/reviews", { key, body })).status === 200) left -= 1;
    }
  }
}, 120_000);
afterAll(async () => {
  await stage?.close();
  await tickets?.close();
});

async function update(key: string, fields: object, more: object = {}): Promise<string> {
  const body = { server: "tickets", tool: "update_ticket", arguments: { key, fields, ...more } };
  const { id, state, sentence } = (await stage.plane.call("POST", "/v1/actions", { key: stage.scribe, body })).json;
  expect([state, sentence]).toEqual(["held", sentence]);
  return id;
}

const shownTo = async (email: string, id: string) =>
  (await stage.plane.call("GET", `/v1/approvals/${id}`, { key: await stage.plane.person(email) })).json;

describe("MT-29 homoglyphs and 20 KB of padding", () => {
  const sly = `p\u0430ypal раура ｐａｙｐａｌ o${"\u0301".repeat(40)}k${"\u2800".repeat(10_240)}.${"\u3164\n".repeat(7_000)}tail`;

  it("are marked in the console and in the form without a script", async () => {
    const id = await update("H-1", { title: "as it is" }, { note: sly });
    const { page, open, faults } = await stage.logIn(bo);
    await open(`/inbox/${id}`);
    const call = page.locator('section[aria-label="Arguments of the call"]');
    await call.waitFor();
    expect(await call.textContent()).toContain(", with characters that cannot be seen⟩tail");
    const marks = await call.locator("mark").evaluateAll((all) => all.map((one) => one.getAttribute("title")));
    for (const mark of [
      "letters of Latin and Cyrillic in one word",
      "letters of Cyrillic that look like paypa",
      "wide or styled letters that spell paypal",
      "40 marks over one letter stood here",
      "10240 hidden: U+2800 stood here",
      "7000 escapes: \\n, with characters that cannot be seen stood here",
    ])
      expect(marks).toContain(mark);
    await page.goto(`${stage.plane.url}/approvals/${id}`);
    const shown = (await page.textContent("main")) ?? "";
    for (const told of [
      "p\u0430ypal⟨letters of Latin and Cyrillic in one word⟩",
      "раура⟨letters of Cyrillic that look like paypa⟩",
      "⟨wide or styled letters that spell paypal⟩",
      "⟨40 marks over one letter⟩",
      "⟨10240 hidden: U+2800⟩.⟨7000 escapes: \\n, with characters that cannot be seen⟩tail",
    ])
      expect(shown).toContain(told);
    expect(faults).toEqual([]);
  });
});

describe("MT-29 what the difference does not tell of", () => {
  const fields = { title: "as it is", assignee: "mallory", webhook: "https://evil.example/hook" };

  it("is named beside the change of the same argument, and the call that says it is open", async () => {
    const id = await update("A-1", fields);
    const { effect, parts } = await shownTo(bo, id);
    expect(effect).toMatchObject({
      sentence: 'fields.title from "as it was" to "as it is"',
      beside: ["fields.assignee", "fields.webhook"],
    });
    expect(parts).toContainEqual(expect.objectContaining({ id: "call", kind: "change" }));
    const { page, open, faults } = await stage.logIn(bo);
    await open(`/inbox/${id}`);
    await page.waitForSelector("section.answer button:not(:disabled)");
    expect(await page.textContent('section[aria-label="The effect"] .warn')).toContain(
      "does not tell of fields.assignee, fields.webhook",
    );
    expect(await page.locator('section[aria-label="Arguments of the call"]').isVisible()).toBe(true);
    expect(await page.locator('section[aria-label="Arguments of the call"]').textContent()).toContain("evil.example");
    await page.goto(`${stage.plane.url}/approvals/${id}`);
    expect(await page.textContent("main")).toContain("The difference does not tell of fields.assignee, fields.webhook");
    expect(faults).toEqual([]);
  });

  it("keeps requests apart in batches, and a batch shows the calls", async () => {
    const plain = [await update("B-1", { title: "one" }), await update("B-2", { title: "two" })];
    const more = [await update("C-1", { title: "one", team: "x" }), await update("C-2", { title: "two", team: "x" })];
    const key = await stage.plane.person(bo);
    const { batches } = (await stage.plane.call("GET", "/v1/approvals/batches", { key })).json;
    const idsOf = (batch: { readonly items: readonly { readonly id: string }[] }) => batch.items.map(({ id }) => id);
    expect(batches.map(idsOf)).toEqual(expect.arrayContaining([plain, more]));
    expect(batches.find((one: Parameters<typeof idsOf>[0]) => idsOf(one).includes(more[0] ?? "")).shape).toContain(
      "beside it fields.team",
    );
    const { page, open } = await stage.logIn(bo);
    await open("/inbox/batches");
    const part = page.locator("main section", { hasText: "beside it fields.team" });
    await part.locator("summary").first().click();
    expect(await part.locator('section[aria-label="Arguments of the call"]').first().textContent()).toContain('"team"');
  });
});

describe("MT-29 a file that is written over", () => {
  const state = async (id: string) =>
    (await stage.plane.call("GET", `/v1/actions/${id}`, { key: stage.scribe })).json.state;

  async function overwrite(name: string, content: string) {
    writeFileSync(join(stage.plane.folder, "sandbox", name), "before\n");
    const id = await stage.held(name, { content });
    const visit = await stage.logIn(bo);
    await visit.open(`/inbox/${id}`);
    await visit.page.waitForSelector("section.answer .deeds button:not(:disabled)");
    return { ...visit, id, effect: visit.page.locator('section[aria-label="The effect"]') };
  }

  it("with a megabyte of empty lines can be read and answered: they are one row, which says how many", async () => {
    const { page, id, effect, faults } = await overwrite("empty-lines.md", `${"\n".repeat(500_000)}tail\n`);
    expect(await effect.locator("tbody tr").allTextContents()).toEqual(["-before", "+⟨500000 empty lines⟩", "+tail"]);
    expect(await effect.locator("caption").isVisible()).toBe(true);
    expect(await effect.locator("caption").textContent()).toContain("Difference of content");
    await page.click('section.answer .deeds button:has-text("Approve")');
    await page.click("text=Send now");
    await until(async () => ((await state(id)) === "done" ? true : undefined));
    // A busy server may ask the page to come again; the page itself breaks nothing.
    expect(faults.filter((one) => !/404|503/.test(one))).toEqual([]);
  });

  it("with a megabyte of other lines comes in parts, says what is missing and does not count as opened before its end", async () => {
    const content = Array.from({ length: 70_000 }, (_, at) => `line ${at}\n`).join("");
    const { page, id, effect } = await overwrite("many-lines.md", content);
    expect(await effect.locator("tbody tr").count()).toBe(300);
    expect(await effect.locator(".warn").textContent()).toContain("69,701 more lines and");
    expect(await effect.locator("[data-part]").count()).toBe(0);
    await effect.locator('button:has-text("Show more")').click();
    expect(await effect.locator("tbody tr").count()).toBe(3_300);
    await page.fill("section.answer textarea", "far too long");
    await page.click('section.answer .deeds button:has-text("Deny")');
    await page.click("text=Send now");
    await until(async () => ((await state(id)) === "refused" ? true : undefined));
  });

  it("shows 20 KB of empty lines as one in the form without a script, too", async () => {
    const { page, id } = await overwrite("padded.md", `before\n${"\n".repeat(20_480)}rm -rf /\n`);
    await page.goto(`${stage.plane.url}/approvals/${id}`);
    expect(await page.locator('pre[aria-label="Difference of content"]').textContent()).toBe(
      "  before\n+ ⟨20480 empty lines⟩\n+ rm -rf /",
    );
  });
});

describe("MT-29 names of arguments and sentences about them", () => {
  const sly = "no\u202ete";

  it("hide nothing in a batch, in the dialog of a grant or in the list of grants", async () => {
    const ids = [
      await update("N-1", { title: "p\u0430ypal" }, { [sly]: "a" }),
      await update("N-2", { title: "p\u0430ypal" }, { [sly]: "b" }),
    ];
    const { page, open, faults } = await stage.logIn(bo);
    const isClear = async () => expect((await page.textContent("body")) ?? "").not.toMatch(/\u202e/);
    await open("/inbox/batches");
    const part = page.locator("main section[aria-label]", { hasText: "no⟨U+202E⟩te" });
    await part.first().waitFor();
    expect(await part.locator(".quiet").first().textContent()).toContain("/no⟨U+202E⟩te");
    expect(await part.locator("summary mark").first().getAttribute("title")).toContain("Latin and Cyrillic");
    await isClear();
    await open(`/inbox/${ids[0]}`);
    await page.waitForSelector("section.answer button:not(:disabled)");
    // Backticks of a sentence are the plane's way to say what a machine said, and no text.
    expect(await page.textContent('section[aria-label="Why you are asked"]')).not.toContain("`");
    await isClear();
    await page.click("text=Approve calls like this for a while");
    const choice = page.locator("dialog[open] label.check", { hasText: "/no⟨U+202E⟩te" });
    await choice.locator("input").check();
    await isClear();
    await page.fill("dialog[open] input[name=reason]", "looked at it");
    await page.click('dialog[open] button:has-text("Grant")');
    await page.waitForSelector("text=may differ: /no⟨U+202E⟩te");
    await isClear();
    expect(faults.filter((one) => !one.includes("404"))).toEqual([]);
  });
});
