import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo } from "../support/plane.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

let stage: ConsoleStage;
beforeAll(async () => {
  stage = await openConsole();
}, 120_000);
afterAll(() => stage?.close());

const workflowFile = "workflows/docs-upkeep.yaml";
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Presses Tab until something with this name has the focus; everything that had it on the way. */
async function tabTo(page: Page, name: string): Promise<readonly string[]> {
  const passed: string[] = [];
  for (let pressed = 0; pressed < 150; pressed++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const one = document.activeElement as HTMLElement | null;
      const label = (one as HTMLInputElement | null)?.labels?.[0]?.textContent;
      return (one?.getAttribute("aria-label") ?? label ?? one?.textContent ?? "").trim();
    });
    passed.push(focused);
    if (focused.startsWith(name)) return passed;
  }
  throw new Error(`\`${name}\` is not reached by Tab: ${passed.join(" · ")}`);
}

async function made(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Make the case" }).click();
  await page.waitForSelector("#case-text");
}

describe("the workbench", () => {
  it("MT-189 one screen from a run to a rule in force: what was asked, why, the case of it, the rule, and a second person", async () => {
    const id = await stage.held("bench.md");
    const { page, open, faults } = await stage.logIn(ana);
    await open(`/actions/${id}`);
    await page.getByRole("link", { name: "Open in the workbench" }).click();
    await page.waitForURL(`**/workbench/${id}`);

    // What was asked, in its run, and why it was decided so.
    const asked = page.locator("section[aria-label='What was asked']");
    await asked.waitFor();
    expect(await asked.textContent()).toContain("files.write_file");
    expect(await asked.textContent()).toContain("scribe in docs-upkeep");
    await page.waitForSelector("section[aria-label='Why'] ol.chain li");
    expect(await page.textContent("section[aria-label='Why']")).toContain(
      "docs-upkeep asks editors before files.write_file",
    );
    await page.waitForSelector(`a.row[href="/workbench/${id}"][aria-current=true]`);

    // What the agent may do stands beside it, this tool first, as the engine says it.
    const rows = page.locator("section[aria-label='What it may do'] tbody tr");
    await rows.first().waitFor();
    expect(await rows.first().textContent()).toContain("files.write_file");
    const key = await stage.plane.person(ana);
    const { answers } = (
      await stage.plane.call("GET", "/v1/policies/who-can?agent=scribe&tool=files.write_file", { key })
    ).json;
    const shown = await page.locator("section[aria-label='What it may do'] tbody").textContent();
    expect(answers.some(({ answer }: { answer: string }) => answer === "require")).toBe(true);
    expect(shown).toContain("must ask");

    // The case: as it was decided, then as it should have been.
    await made(page);
    await page.waitForSelector("text=The rules in force say the same.");
    const text = page.locator("#case-text");
    expect(await text.inputValue()).toContain("tool: files.write_file");
    expect(await text.inputValue()).toContain("effect: require");
    await page.getByRole("button", { name: "Run it against the rules in force" }).click();
    await page.waitForSelector("section[aria-label='The case'] [role=status] .allowed");
    await page.locator("section[aria-label='The case'] select").selectOption("deny");
    expect(await text.inputValue()).toContain("effect: deny");
    await page.waitForSelector("text=Something changed since: run it again.");
    await page.getByRole("button", { name: "Run it against the rules in force" }).click();
    await page.waitForSelector("section[aria-label='The case'] [role=status] .failed");
    expect(await page.textContent("section[aria-label='The case'] [role=status]")).toContain(
      "expected deny, and it is require",
    );

    // The rule that makes it so.
    const rule = page.locator("section[aria-label='The rule']");
    await page.locator("section[aria-label='The rule'] select").first().selectOption("refuse");
    expect(await page.locator("#rule-text").inputValue()).toContain('action == Action::"files.write_file"');
    await page.getByRole("button", { name: "Run the case against this draft" }).click();
    await page.waitForSelector("section[aria-label='The rule'] [role=status] .allowed");
    expect(await rule.textContent()).toContain("It passes");
    await rule.getByRole("button", { name: "Check", exact: true }).click();
    await page.waitForSelector("text=They hold");
    await rule.getByRole("button", { name: "Run the tests" }).click();
    await page.waitForSelector("text=All 1 cases pass.");
    await rule.getByRole("button", { name: "Prove the invariants" }).click();
    await page.waitForSelector("text=A stop stops everything.", { timeout: 90_000 });
    await rule.getByRole("button", { name: "Simulate" }).click();
    await page.waitForSelector("text=Yes: this draft would have stopped it.");

    // Two people put it in force.
    await rule.getByRole("button", { name: "Say what would change" }).click();
    await rule.getByRole("button", { name: "Ask a second person to sign exactly this" }).click();
    const proposal = (await page.locator("a[href^='/proposals/']").getAttribute("href")) ?? "";
    const second = await stage.plane.person(bo);
    const { json } = await stage.plane.call("GET", `/v1${proposal}`, { key: second });
    await stage.plane.call("POST", `/v1${proposal}/sign`, { key: second, body: { digest: json.digest } });
    const { policies } = (await stage.plane.call("GET", "/v1/policies", { key })).json;
    const policy = policies.find(({ source }: { source: string }) => source === "own");
    expect(policy.id).toBe("refuse-files-write-file-in-docs-upkeep");
    const { files } = (await stage.plane.call("GET", "/v1/workspace/files", { key })).json;
    expect(files[`policies/${id}.test.yaml`]).toContain("effect: deny");
    const again = await stage.plane.call("GET", `/v1/actions/${await stage.held("bench.md")}`, { key: stage.scribe });
    expect(again.json).toMatchObject({ state: "refused", refusal: "policy" });
    expect(again.json.sentence).toContain(policy.id);
    // What was decided then is not what the rules say now, and the workbench says so.
    await open(`/workbench/${id}`);
    await made(page);
    await page.waitForSelector("text=The rules changed since");
    expect(faults).toEqual([]);
  }, 180_000);

  it("MT-189 a guardrail is a choice like any other, and everything is reached by the keyboard alone", async () => {
    const id = await stage.held("other.md");
    const { page, open } = await stage.logIn(ana);
    await open("/workbench");
    await page.waitForSelector("a.row");
    await page.getByLabel("An action, by its id").fill(id);
    await page.keyboard.press("Enter");
    await page.waitForSelector("section[aria-label='Why'] ol.chain li");
    await page.waitForSelector("section[aria-label='What it may do'] tbody tr");
    await page.locator("main").focus();
    const passed = await tabTo(page, "Make the case");
    expect(passed).toContain("its receipt");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#case-text");
    await tabTo(page, "It should be");
    await page.keyboard.press("r");
    expect(await page.locator("#case-text").inputValue()).toContain("effect: deny");
    await page.keyboard.press("ArrowUp");
    expect(await page.locator("#case-text").inputValue()).toContain("effect: require");
    await tabTo(page, "Run it against the rules in force");
    await page.keyboard.press("Enter");
    await page.waitForSelector("section[aria-label='The case'] [role=status] p");
    await tabTo(page, "It should");
    await page.keyboard.type("guardrail call");
    await page.waitForSelector("#rule-text");
    expect(await page.locator("#rule-text").inputValue()).toContain("use: call-limit");
    await tabTo(page, "The rule, as workflows/docs-upkeep.yaml");
    await tabTo(page, "Check");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=They hold");
    await tabTo(page, "Say what would change");
    await page.keyboard.press("Enter");
    await page.waitForSelector("section[aria-label='Put it in force'] >> text=guardrail");
    expect(await page.textContent("section[aria-label='Put it in force']")).toContain("guardrail");
  });

  it("a rule is put in force over the files that it was begun over, or begun again: it takes nobody's change back unseen", async () => {
    const id = await stage.held("overtaken.md");
    const { page, open, faults } = await stage.logIn(ana);
    await open(`/workbench/${id}`);
    const rule = page.locator("section[aria-label='The rule']");
    await page.waitForSelector("section[aria-label='The rule'] option[value=four-eyes]", { state: "attached" });
    await rule.locator("select").first().selectOption("four-eyes");
    await rule.getByRole("button", { name: "Say what would change" }).click();
    const ask = rule.getByRole("button", { name: "Ask a second person to sign exactly this" });
    await ask.waitFor();
    await stage.putInForce((files) => ({ [workflowFile]: `${files[workflowFile]}# theirs\n` }));
    await page.waitForSelector(`text=others changed what is in force: ${workflowFile}`);
    expect(await ask.count()).toBe(0);
    expect(await page.textContent("section[aria-label='The rule'] table.diff tr.gone")).toContain("# theirs");
    await rule.getByRole("button", { name: "Begin from the files of now" }).click();
    const text = await page.inputValue("#rule-text");
    expect(text).toContain("# theirs");
    expect(text).toContain("use: four-eyes");
    // The plan of before is not that of these files.
    expect(await ask.count()).toBe(0);
    // What somebody else changed elsewhere leaves the text as it is written.
    await page.locator("#rule-text").fill(`${text}# mine\n`);
    await stage.putInForce((files) => ({ "countersign.yaml": `${files["countersign.yaml"]}# theirs\n` }));
    await page.waitForSelector("text=others changed what is in force: countersign.yaml");
    await rule.getByRole("button", { name: "Go on from the files of now" }).click();
    expect(await page.inputValue("#rule-text")).toBe(`${text}# mine\n`);
    await rule.getByRole("button", { name: "Say what would change" }).click();
    await ask.click();
    await page.waitForSelector("a[href^='/proposals/']");
    expect(faults).toEqual([]);
  });

  it("a tool that the catalog does not know is named in no workflow's file, whatever an agent calls it", async () => {
    const body = { server: "files", tool: "a]\nflow: off\n#", arguments: {} };
    const { json } = await stage.plane.call("POST", "/v1/actions", { key: stage.scribe, body });
    const [id] = /act_\w+/.exec(json.help) ?? [];
    const { page, open } = await stage.logIn(ana);
    await open(`/workbench/${id}`);
    await page.waitForSelector("text=No guardrail is offered");
    const options = await page.locator("section[aria-label='The rule'] option").allTextContents();
    expect(options).toHaveLength(3);
    expect(options.join()).not.toContain("guardrail");
  });

  for (const dark of [false, true])
    for (const width of [1280, 390])
      it(`MT-189 is accessible ${dark ? "in the dark" : "in the light"} at ${width} px, with everything open`, async () => {
        const id = await stage.held(`axe-${width}-${dark}.md`);
        const { page, open, faults } = await stage.logIn(ana, { width, dark });
        const check = async (): Promise<void> => {
          const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
          expect(violations.map(({ id: rule, nodes }) => `${rule} ${nodes[0]?.html}`)).toEqual([]);
          expect(await page.locator("h1").count()).toBe(1);
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        };
        await open("/workbench");
        await page.waitForSelector("a.row");
        await check();
        await open(`/workbench/${id}`);
        await page.waitForSelector("section[aria-label='Why'] ol.chain li");
        await made(page);
        await page.getByRole("button", { name: "Run it against the rules in force" }).click();
        await page.waitForSelector("section[aria-label='The case'] [role=status] p");
        await page.locator("section[aria-label='The rule'] select").first().selectOption("ask");
        await page.getByRole("button", { name: "Check", exact: true }).click();
        await page.waitForSelector("text=They hold");
        await check();
        expect(faults).toEqual([]);
      });
});
