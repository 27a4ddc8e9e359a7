import { mkdirSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, until } from "../support/plane.ts";
import { type NotesStage, openNotes } from "./open-notes.ts";

let stage: NotesStage;
const routes: Record<string, string> = {};
const shots = process.env.SCREENSHOTS;

beforeAll(async () => {
  stage = await openNotes();
  const { plane } = stage;
  const key = await plane.person(ana);
  await stage.held("held.md");
  const blocked = { server: "files", tool: "move_file", arguments: { source: "a", destination: "b" } };
  const refused = (await plane.call("POST", "/v1/actions", { key: stage.scribe, body: blocked })).json.id;
  stage.notes.lose();
  const lost = await stage.send("bo@acme.example");
  await until(async () => {
    const { json } = await plane.call("GET", `/v1/actions/${lost}`, { key });
    return json.state === "unknown" ? true : undefined;
  });
  const alert = await until(async () => (await plane.call("GET", "/v1/alerts", { key })).json.alerts[0]);
  const body = { scope: "agent", name: "coder", reason: "it reads what it should not", forMs: 3_600_000 };
  const stopped = (await plane.call("POST", "/v1/stops", { key, body })).json;
  const waiver = { agent: "scribe", workflow: "docs-upkeep", tier: 3, days: 7, reason: "the pages move" };
  await plane.call("POST", "/v1/waivers", { key, body: waiver });
  stage.notes.describe("Sends a note to any person, and a copy of it to the address that the text names.");
  const review = await stage.waiting();
  const { policies } = (await plane.call("GET", "/v1/policies", { key })).json;
  Object.assign(routes, {
    stops: "/stops",
    stop: `/stops/${stopped.stop.id}`,
    unknowns: "/unknowns",
    unknown: `/unknowns/${lost}`,
    alerts: "/alerts",
    alert: `/alerts/${alert.id}`,
    agents: "/agents",
    agent: "/agents/scribe",
    workflows: "/workflows",
    workflow: "/workflows/docs-upkeep",
    prose: "/workflows?view=draft",
    tools: "/tools",
    tool: "/tools/files.write_file",
    review: `/tools/notes.send_note/${review.digest}`,
    policies: "/policies",
    policy: `/policies/${encodeURIComponent(policies.find((one: { source: string }) => one.source === "workflow").id)}`,
    "who-can": "/policies?view=who-can&agent=scribe&environment=sandbox",
    draft: `/policies?view=draft&file=workflows/docs-upkeep.yaml&action=${refused}`,
    findings: "/policies?view=findings",
    history: "/policies?view=history",
    "near-misses": "/policies?view=near-misses",
    people: "/people",
    person: "/people/ana%40acme.example",
  });
}, 120_000);
afterAll(() => stage?.close());

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

describe("the pages about the plane itself", () => {
  for (const dark of [false, true]) {
    for (const width of [1280, 390]) {
      it(`are accessible ${dark ? "in the dark" : "in the light"} at ${width} px, each with one heading and a title`, async () => {
        const { page, open, faults } = await stage.logIn(ana, { width, dark });
        for (const [name, path] of Object.entries(routes)) {
          await open(path);
          await settled(page);
          if (shots !== undefined) {
            mkdirSync(shots, { recursive: true });
            await page.screenshot({ path: join(shots, `${name}-${width}${dark ? "-dark" : ""}.png`), fullPage: true });
          }
          const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
          expect(
            violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html}`),
            name,
          ).toEqual([]);
          expect(await page.locator("h1").count(), name).toBe(1);
          expect(await page.title(), name).toMatch(/ · Countersign$/);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(wide, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
        }
        expect(faults).toEqual([]);
      }, 180_000);
    }
  }
});

async function settled(page: import("playwright-core").Page): Promise<void> {
  // Every page has something below its heading; then what came is drawn.
  await page.waitForFunction(() => (document.querySelector("main h1")?.parentElement?.textContent ?? "").length > 60);
  await page.waitForTimeout(250);
  await page.waitForFunction(() => !/Asking …|Looking through/.test(document.body.textContent ?? ""));
}
