import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo } from "../support/plane.ts";
import { type NotesStage, openNotes } from "./open-notes.ts";
import { markedOverWords } from "./over-words.ts";

let stage: NotesStage;
beforeAll(async () => {
  stage = await openNotes();
}, 120_000);
afterAll(() => stage?.close());

const rulesFile = "workflows/docs-upkeep.yaml";
const file = (): string => readFileSync(join(stage.plane.folder, rulesFile), "utf8");

describe("workflows", () => {
  it("MT-259 a workflow's page opens with its rules of the road: two paragraphs, those of the command and the API", async () => {
    const { page, open } = await stage.logIn(ana);
    await open("/workflows/docs-upkeep");
    await page.waitForSelector("section.road p");
    const shown = await page.locator("section.road p").allTextContents();
    const { json } = await stage.plane.call("GET", "/v1/workflows/docs-upkeep/rules", {
      key: await stage.plane.person(ana),
    });
    expect(shown).toEqual(json.paragraphs.map((text: string) => text.replaceAll("`", "")));
    expect(await page.locator("article > *").nth(1).getAttribute("class")).toBe("road");
    expect(await page.textContent('section[aria-label="Not enforced"]')).toContain("does not enforce it");
  });

  it("MT-43 the file is shown as it is in force, and a copy that has drifted is told from one that has not", async () => {
    const { page, open } = await stage.logIn(ana);
    await open("/workflows/docs-upkeep");
    await page.click(`summary:has-text("made of ${rulesFile}")`);
    expect(await page.textContent(`section[aria-label="The text of ${rulesFile}"]`)).toBe(file());
    const choose = page.locator("input[type=file]");
    const copy = (text: string) => ({ name: "docs-upkeep.yaml", mimeType: "text/yaml", buffer: Buffer.from(text) });
    await choose.setInputFiles(copy(file()));
    expect(await page.textContent("details [role=status]")).toContain("byte for byte");
    await choose.setInputFiles(copy(file().replace("count: 1", "count: 2")));
    await page.waitForSelector("text=has drifted");
    expect(await page.textContent("table.diff tr.new")).toContain("count: 2");
  });

  it("MT-200 exactly one person answers for it, and deputy and cover are said beside", async () => {
    const { page, open } = await stage.logIn(ana);
    await open("/workflows/docs-upkeep");
    const facts = page.locator("dl.facts", { hasText: "DRI" });
    expect(await facts.locator("dd").first().textContent()).toBe(ana);
    expect(await facts.textContent()).toContain(`Deputy${bo}`);
    expect(await facts.textContent()).toContain("Covernone planned");
  });

  it("MT-259 prose gives a draft, and a sentence that cannot be read is said", async () => {
    const { page, open } = await stage.logIn(ana);
    await open("/workflows?view=draft");
    const prose = page.getByLabel("Rules of the road");
    await prose.fill(`${await prose.inputValue()} It is also very nice.`);
    await page.click("text=Make the file");
    await page.waitForSelector("section[aria-label='The draft']");
    expect(await page.textContent("section[aria-label='The draft']")).toContain("It is also very nice");
    expect(await page.textContent("section[aria-label='The text of the workflow file']")).toContain(
      "workflow: refunds",
    );
  });
});

describe("agents", () => {
  it("MT-29 gaps come first, and each is a sentence", async () => {
    const { page, open } = await stage.logIn(ana);
    await open("/agents/coder");
    await page.waitForSelector("article");
    expect(await page.locator('ul[aria-label="agents"] li').first().textContent()).toContain("coder");
    expect(await page.textContent('ul[aria-label="What is missing"]')).toContain("it has no deputy");
  });

  it("a key is shown once, stands in no address and in no storage, and stops when it is revoked", async () => {
    const { page, open } = await stage.logIn(bo);
    await open("/agents/coder");
    await page.click("text=Issue a key");
    const dialog = page.locator("dialog[open]");
    await dialog.getByLabel("Environment").selectOption("sandbox");
    await dialog.getByRole("button", { name: "Issue" }).click();
    const key = (await dialog.locator("[data-key]").textContent()) ?? "";
    expect((await stage.plane.call("GET", "/v1/me", { key })).json).toMatchObject({ agent: "coder" });
    const kept = await page.evaluate(() => JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }]));
    expect(kept).not.toContain(key);
    await dialog.getByRole("button", { name: "I have it" }).click();
    expect(await page.content()).not.toContain(key);
    await page.getByRole("button", { name: "Revoke" }).first().click();
    await page.locator("dialog[open]").getByLabel("Why").fill("it was for a test");
    await page.locator("dialog[open] button[type=submit]").click();
    await page.waitForSelector("text=1 ended");
    expect((await stage.plane.call("GET", "/v1/me", { key })).status).toBe(401);
  });
});

describe("policies", () => {
  it("MT-30 the explorer's answers are the engine's, on pairs that a seed picks", async () => {
    const { page, open } = await stage.logIn(ana);
    const key = await stage.plane.person(ana);
    let seed = 30;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const { tools } = (await stage.plane.call("GET", "/v1/tools", { key })).json;
    let compared = 0;
    for (let turn = 0; turn < 40 && compared < 6; turn++) {
      const tool = tools[random(tools.length)].id;
      await open(`/policies?view=who-can&tool=${encodeURIComponent(tool)}`);
      await page.waitForSelector("tr[data-answer]");
      const rows = await page
        .locator("tr[data-answer]")
        .evaluateAll((all) => all.map((one) => ({ ...(one as HTMLElement).dataset })));
      const row = rows[random(rows.length)];
      if (row === undefined) throw new Error("the explorer has no answer");
      const { agent, verb, environment, answer } = row;
      const request = JSON.stringify({ agent, tool, verb, environment });
      const { json } = await stage.plane.call("POST", "/v1/policies/explain", { key, body: { request } });
      // Where it depends on the call, no single call is the answer.
      if (answer === "depends") continue;
      expect({ ...row, answer: json.decision.effect }).toEqual(row);
      compared++;
    }
    expect(compared).toBe(6);
  });

  it("MT-30 every answer about the workflow's own tools is the engine's", async () => {
    const { page, open } = await stage.logIn(ana);
    const key = await stage.plane.person(ana);
    await open("/policies?view=who-can&agent=scribe&environment=sandbox");
    await page.waitForSelector("tr[data-answer]");
    const rows = await page
      .locator("tr[data-answer]")
      .evaluateAll((all) => all.map((one) => ({ ...(one as HTMLElement).dataset })));
    const answers = new Set<string>();
    for (const { agent, tool, verb, environment, answer } of rows) {
      if (answer === "depends") continue;
      const request = JSON.stringify({ agent, tool, verb, environment });
      const { json } = await stage.plane.call("POST", "/v1/policies/explain", { key, body: { request } });
      expect(`${tool} ${verb}: ${json.decision.effect}`).toBe(`${tool} ${verb}: ${answer}`);
      answers.add(String(answer));
    }
    expect([...answers].sort()).toEqual(["allow", "deny", "require"]);
    await page.locator("tr[data-answer=require] button").first().click();
    await page.waitForSelector("ol.chain li");
    expect(await page.textContent("ol.chain")).toContain("held");
  });

  it.each([1280, 390])("no mark of a chain of conditions lies over its words: %i px", async (width) => {
    const { page, open } = await stage.logIn(ana, { width });
    await open("/policies?view=who-can&agent=scribe&environment=sandbox");
    for (const answer of ["require", "deny"]) await page.locator(`tr[data-answer=${answer}] button`).first().click();
    await page.waitForFunction(() => document.querySelectorAll("tr.why ol.chain").length === 2);
    expect(await markedOverWords(page)).toEqual([]);
    const call = { server: "memory", tool: "delete_entities", arguments: { entityNames: ["a"] } };
    const { json } = await stage.plane.call("POST", "/v1/actions", { key: stage.scribe, body: call });
    await open(`/actions/${json.id}`);
    await page.waitForSelector(".conditions ol.chain > li");
    expect(await markedOverWords(page)).toEqual([]);
    // One that is moved under its mark is seen.
    await page
      .locator(".conditions ol.chain > li")
      .first()
      .evaluate((step) => (step as HTMLElement).style.setProperty("padding-inline-start", "12px"));
    expect(await markedOverWords(page)).toHaveLength(1);
  });

  it("MT-142 MT-143 a refused action is a near miss, and a draft says whether it would have stopped it", async () => {
    const body = { server: "memory", tool: "delete_entities", arguments: { entityNames: ["a"] } };
    const { json } = await stage.plane.call("POST", "/v1/actions", { key: stage.scribe, body });
    const { page, open } = await stage.logIn(ana);
    await open("/policies?view=near-misses");
    const row = page.locator("tr", { has: page.locator(`a[href="/actions/${json.id}"]`) });
    expect(await row.textContent()).toContain("refused by a rule");
    await row.locator("text=Would a draft have stopped it?").click();
    await page.locator("main select").first().selectOption(rulesFile);
    const text = file()
      .replace("  - memory.delete_entities\n", "")
      .replace("allow:\n", "allow:\n  - memory.delete_entities\n");
    await page.locator("#draft-text").fill(text);
    await page.getByRole("button", { name: "Simulate" }).click();
    await page.waitForSelector("text=No: this draft would have let it further.");
  });

  it("near misses say where not all was looked at, and what a check caught", async () => {
    const { page, open, faults } = await stage.logIn(ana);
    const cursor = "act_01m8d3a3gkc5dgm08hs3avqcmb";
    const one = { action: cursor, at: "2026-11-26T08:00:00Z", agent: "scribe", workflow: "docs-upkeep", tool: "a.b" };
    const answers: Record<string, unknown> = {
      "": { days: 7, nearMisses: [], next: cursor },
      [cursor]: { days: 7, nearMisses: [{ ...one, kind: "caught by a check", sentence: "refused: a secret" }] },
    };
    await page.route("**/v1/near-misses?*", (route) =>
      route.fulfill({ json: answers[new URL(route.request().url()).searchParams.get("cursor") ?? ""] }),
    );
    await open("/policies?view=near-misses");
    await page.waitForSelector("text=Not all of it was looked at.");
    expect(await page.textContent("main")).not.toContain("Nothing was refused");
    await page.getByRole("button", { name: "Look at older ones" }).click();
    await page.waitForSelector("td:has-text('caught by a check')");
    expect(await page.textContent("main")).toContain("All of the last 7 days were looked at.");
    expect(faults).toEqual([]);
  });

  it("a draft outlives its page being loaded anew, says since when it is kept, goes nowhere by itself, and can be discarded", async () => {
    const { page, open, faults } = await stage.logIn(ana);
    const sent: string[] = [];
    page.on("request", (request) => request.method() !== "GET" && sent.push(request.url()));
    await open(`/policies?view=draft&file=${rulesFile}`);
    expect(await page.locator("p.kept").count()).toBe(0);
    const text = `${file()}# half a thought\n`;
    await page.locator("#draft-text").fill(text);
    expect(await page.textContent("p.kept")).toMatch(/^Draft kept from \d{1,2}:\d\d.* in this tab alone/);
    await page.reload();
    await page.waitForSelector("p.kept");
    expect(await page.inputValue("#draft-text")).toBe(text);
    expect(sent).toEqual([]);
    await page.click("text=Discard it");
    expect(await page.inputValue("#draft-text")).toBe(file());
    await page.click("text=Bring it back");
    expect(await page.inputValue("#draft-text")).toBe(text);
    await page.click("text=Discard it");
    await page.reload();
    await page.waitForSelector("#draft-text");
    expect(await page.inputValue("#draft-text")).toBe(file());
    expect(await page.locator("p.kept").count()).toBe(0);
    // Over other files in force it is another draft; what was written is offered, and not put over them by itself.
    await page.locator("#draft-text").fill(text);
    await page.evaluate(() => {
      const key = Object.keys(sessionStorage).find((one) => one.startsWith("countersign.draft")) ?? "";
      sessionStorage.setItem(key.replace(/ \S*$/, " sha256:before"), sessionStorage.getItem(key) ?? "");
      sessionStorage.removeItem(key);
    });
    await page.reload();
    await page.waitForSelector("text=written over files that are in force no more");
    await page.waitForSelector("text=Which files changed in force meanwhile cannot be told");
    expect(await page.inputValue("#draft-text")).toBe(file());
    await page.click("text=Put it over those of now");
    expect(await page.inputValue("#draft-text")).toBe(text);
    await page.click("text=Discard it");
    expect(faults).toEqual([]);
  });

  it("a draft is compared, simulated, and put in force by two people", async () => {
    await stage.held("asked.md");
    const { page, open, faults } = await stage.logIn(ana);
    await open(`/policies?view=draft&file=${rulesFile}`);
    await page.locator("#draft-text").fill(file().replace("  - notes.send_note\n", ""));
    expect(await page.textContent("table.diff tr.gone")).toContain("notes.send_note");
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await page.waitForSelector("text=They hold");
    await page.getByRole("button", { name: "Simulate" }).click();
    await page.waitForSelector("text=no time of approvers");
    await page.click("text=Say what would change");
    const ask = page.getByRole("button", { name: "Ask a second person to sign exactly this" });
    await ask.click();
    const link = page.locator("a[href^='/proposals/']");
    const proposal = (await link.getAttribute("href")) ?? "";
    const key = await stage.plane.person(bo);
    const { json } = await stage.plane.call("GET", `/v1${proposal}`, { key });
    expect(json.by).toBe(ana);
    await stage.plane.call("POST", `/v1${proposal}/sign`, { key, body: { digest: json.digest } });
    await open("/workflows/docs-upkeep");
    expect(await page.locator("section.road p").first().textContent()).not.toContain("notes.send_note");
    expect(faults).toEqual([]);
  });
});

describe("a draft that somebody left", () => {
  it("names the files that changed in force meanwhile, and is gone with its writer's logging out", async () => {
    const { page, open, faults } = await stage.logIn(ana);
    await open(`/policies?view=draft&file=${rulesFile}`);
    const mine = `${await page.inputValue("#draft-text")}# mine\n`;
    await page.locator("#draft-text").fill(mine);
    await stage.putInForce((files) => ({
      [rulesFile]: `${files[rulesFile]}# theirs\n`,
      "countersign.yaml": `${files["countersign.yaml"]}# theirs\n`,
    }));
    // Whoever writes goes on writing where they were.
    await page.waitForSelector("text=Other files came in force since.");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("draft-text");
    await page.keyboard.press("ControlOrMeta+End");
    await page.keyboard.type("# going on\n");
    expect(await page.inputValue("#draft-text")).toBe(`${mine}# going on\n`);
    await page.click("text=Go on over the files of now");
    await page.waitForSelector(`text=Changed in force meanwhile: countersign.yaml, ${rulesFile}.`);
    await page.waitForSelector(`text=The draft holds ${rulesFile} whole`);
    // Read again behind it, as after any news, the page neither moves nor takes the button away.
    let isAsked = false;
    const free = Promise.withResolvers<void>();
    await page.route("**/v1/policies/history*", async (route) => {
      isAsked = true;
      await free.promise;
      await route.continue();
    });
    const look = () => page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
    await expect.poll(() => look().then(() => isAsked)).toBe(true);
    expect(await page.locator(`text=The draft holds ${rulesFile} whole`).count()).toBe(1);
    await page.click("text=Put it over those of now", { timeout: 15_000 });
    free.resolve();
    expect(await page.textContent("table.diff tr.gone")).toContain("# theirs");
    const kept = () => page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("countersign.")));
    await page.evaluate(() => {
      sessionStorage.setItem("countersign.draft bo@acme.example sha256:1", "{}");
      sessionStorage.setItem("countersign.reason.act_1", "half a reason");
    });
    // Beside those whose they are.
    expect(await kept()).toHaveLength(4);
    await page.click("details.you summary");
    await page.click("text=Log out");
    await page.waitForURL(`${stage.plane.url}/`);
    await page.waitForLoadState();
    expect(await kept()).toEqual(["countersign.draft bo@acme.example sha256:1"]);
    expect(faults.filter((one) => !one.includes("401"))).toEqual([]);
  });
});

it("a draft is told when what it says came in force; who goes on from there writes at once", async () => {
  const { page, open } = await stage.logIn(ana);
  await open(`/policies?view=draft&file=${rulesFile}`);
  const mine = `${await page.inputValue("#draft-text")}# meant by both\n`;
  await page.locator("#draft-text").fill(mine);
  await stage.putInForce(() => ({ [rulesFile]: mine }));
  const claim = page.locator(".claim", { hasText: "Go on over the files of now" });
  await claim.waitFor();
  expect(await claim.locator("p").textContent()).toBe("What is written here is in force now.");
  await page.getByRole("button", { name: "Back to what is in force" }).click();
  expect(await claim.locator("p").textContent()).toBe("Other files came in force since.");
  await page.click("text=Go on over the files of now");
  await claim.waitFor({ state: "detached" });
  expect(await page.inputValue("#draft-text")).toBe(mine);
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("draft-text");
});

describe("lists", () => {
  beforeAll(async () => {
    const { plane, scribe } = stage;
    const read = { server: "memory", tool: "read_graph", arguments: {} };
    const write = { server: "memory", tool: "delete_entities", arguments: { entityNames: ["a"] } };
    for (const key of [scribe, await plane.agent("coder")])
      for (const body of [read, write]) await plane.call("POST", "/v1/actions", { key, body });
  });

  it.each([
    ["/workflows/docs-upkeep", "Its runs", "in docs-upkeep"],
    ["/agents/coder", "What it did last", "coder in "],
    ["/tools/memory.read_graph", "Its last calls", "memory.read_graph"],
  ])("from %s, the link `%s` leads to its own rows only", async (from, words, own) => {
    const { page, open, faults } = await stage.logIn(ana);
    const rows = async (): Promise<readonly string[]> => {
      await page.waitForSelector("main .list li:not(.room)");
      return page.locator("main .list li:not(.room)").allTextContents();
    };
    await open(from);
    await page.getByRole("link", { name: words, exact: true }).click();
    const shown = await rows();
    expect(shown.filter((row) => !row.includes(own))).toEqual([]);
    // There are others, of the same kind of list.
    await open(page.url().includes("of=actions") ? "/runs?of=actions" : "/runs");
    expect((await rows()).some((row) => !row.includes(own))).toBe(true);
    expect(faults).toEqual([]);
  });

  it("j and k walk a list while what is open follows, and what is saved is what is shown", async () => {
    const { page, open } = await stage.logIn(ana);
    await open("/agents");
    await page.waitForSelector("ul.rows a.row");
    await page.keyboard.press("j");
    await page.waitForURL("**/agents/coder");
    await page.keyboard.press("j");
    await page.waitForURL("**/agents/scribe");
    await page.keyboard.press("k");
    await page.waitForURL("**/agents/coder");
    await open("/tools?q=write_file");
    await page.waitForSelector("text=1 of");
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "CSV" }).click();
    const lines = readFileSync((await (await saved).path()) ?? "", "utf8")
      .trim()
      .split("\r\n");
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^files\.write_file,/);
  });
});

describe("history", () => {
  it("goes back to an earlier revision by two people: first the plan, then the asking", async () => {
    const { plane } = stage;
    const [asks, signs] = [await plane.person(ana), await plane.person(bo)];
    const { files } = (await plane.call("GET", "/v1/workspace/files", { key: asks })).json;
    const changed = { ...files, [rulesFile]: files[rulesFile].replace("perDay: 2000", "perDay: 1999") };
    const applied = (await plane.call("POST", "/v1/workspace/apply", { key: asks, body: { files: changed } })).json;
    const body = { digest: applied.plan.to };
    await plane.call("POST", `/v1/proposals/${applied.proposal}/sign`, { key: signs, body });
    const { page, open } = await stage.logIn(ana);
    await open("/policies?view=history");
    await page.getByRole("button", { name: "Go back to it" }).first().click();
    await page.waitForSelector("ul[aria-label='What changes'] li");
    expect(await page.textContent("ul[aria-label='What changes']")).toContain("docs-upkeep");
    await page.getByRole("button", { name: /^Ask to go back to revision/ }).click();
    const link = (await page.locator("a[href^='/proposals/']").getAttribute("href")) ?? "";
    expect((await plane.call("GET", `/v1${link}`, { key: signs })).json).toMatchObject({ by: ana, yours: true });
    await plane.call("POST", `/v1${link}/withdraw`, { key: asks, body: { reason: "it was a test" } });
  });
});

describe("tools", () => {
  it("a definition that changed is shown word by word, and only exactly what was shown is approved, after a moment", async () => {
    stage.notes.describe("Sends a note to any person.");
    const { digest } = await stage.waiting();
    const { page, open } = await stage.logIn(ana);
    await open("/tools");
    await page.evaluate(() => {
      const times: { shown?: number; armed?: number } = {};
      Object.assign(globalThis, { times });
      new MutationObserver(() => {
        const button = document.querySelector<HTMLButtonElement>("article .answer button");
        if (button === null) return;
        times.shown ??= performance.now();
        if (!button.disabled) times.armed ??= performance.now();
      }).observe(document, { subtree: true, childList: true, attributes: true });
    });
    await page.click('ul[aria-label="definitions that wait"] a');
    await page.waitForURL(`**/${digest}`);
    const approve = page.getByRole("button", { name: "Approve this definition" });
    await page.waitForSelector("article .answer button:not(:disabled)");
    const times = await page.evaluate(
      () => (globalThis as unknown as { times: { shown: number; armed: number } }).times,
    );
    expect(times.armed - times.shown).toBeGreaterThanOrEqual(390);
    expect(await page.locator("article del").allTextContents()).toEqual(["one"]);
    expect(await page.locator("article ins").allTextContents()).toEqual(["any"]);
    await approve.click();
    await page.waitForSelector("text=This definition does not wait any more");
    await open("/tools/notes.send_note");
    expect(await page.textContent("article")).toContain("yes, exactly this definition");
  });
});
