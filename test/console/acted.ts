import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { expect } from "vitest";
import { ana, bo, until } from "../support/plane.ts";
import type { ConsoleStage, Visit } from "./open-console.ts";

/** What an agent did in a run that Ana opened: a page written over after Bo's yes, something read, something refused. */
export interface Acted {
  readonly run: string;
  readonly written: string;
  readonly refused: string;
  readonly read: string;
  /** One call of the agent in a run; what it answers at once. */
  call(
    tool: string,
    args: object,
    run: string,
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  ): Promise<any>;
  path(name: string): string;
  open(task: string): Promise<string>;
  answer(action: string, email: string): Promise<void>;
}

export async function actOn({ plane, scribe }: ConsoleStage): Promise<Acted> {
  const path = (name: string): string => join(plane.folder, "sandbox", "pages", name);
  const open = async (task: string): Promise<string> =>
    (await plane.call("POST", "/v1/runs", { key: await plane.person(ana), body: { agent: "scribe", task } })).json.id;
  const call: Acted["call"] = async (tool, args, run) =>
    (await plane.call("POST", "/v1/actions", { key: scribe, body: { server: "files", tool, arguments: args, run } }))
      .json;
  const answer = async (action: string, email: string): Promise<void> => {
    const key = await plane.person(email);
    const { json: shown } = await plane.call("GET", `/v1/approvals/${action}`, { key });
    const { callDigest, shownDigest } = shown;
    const body = { verdict: "approve", callDigest, shownDigest, reason: "it is right" };
    expect((await plane.call("POST", `/v1/approvals/${action}/answer`, { key, body })).status).toBe(200);
    await until(async () => {
      const { json } = await plane.call("GET", `/v1/actions/${action}`, { key });
      return json.state === "done" ? true : undefined;
    });
  };
  const run = await open("bring the welcome page up to date, see OPS-4711");
  const { id: read } = await call("read_text_file", { path: path("welcome.md") }, run);
  const { id: written } = await call("write_file", { path: path("welcome.md"), content: "Welcome, OPS-4711.\n" }, run);
  const { id: refused } = await call("move_file", { source: path("welcome.md"), destination: path("x.md") }, run);
  await answer(written, bo);
  return { run, written, refused, read, call, path, open, answer };
}

const looks = [
  { width: 1280, dark: false },
  { width: 1280, dark: true },
  { width: 390, dark: false },
  { width: 390, dark: true },
] as const;

/** The page within the frame, light and dark, wide and narrow: nothing against WCAG 2.2 AA, and nothing wider than the screen. */
export async function lookThrough(stage: ConsoleStage, email: string, paths: readonly (readonly [string, string])[]) {
  for (const look of looks) {
    const visit = await stage.logIn(email, look);
    for (const [path, ready] of paths) {
      await visit.open(path);
      await visit.page.waitForSelector(ready);
      expect(await faultsOf(visit), `${path} at ${look.width} px, ${look.dark ? "dark" : "light"}`).toEqual([]);
    }
    expect(visit.faults).toEqual([]);
    await visit.context.close();
  }
}

async function faultsOf({ page }: Visit): Promise<readonly string[]> {
  const tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];
  const { violations } = await new AxeBuilder({ page }).include("main").withTags(tags).analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target.join(" ")}: ${failureSummary}`),
  );
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  const headings = await page.locator("h1").count();
  return [...found, ...(isWide ? ["it is wider than the screen"] : []), ...(headings === 1 ? [] : [`${headings} h1`])];
}
