import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { browserArgs, findBrowser } from "../../scripts/browser.ts";
import { ana, bo, openTestPlane, type PlaneOptions, type TestPlane } from "../support/plane.ts";

export interface Look {
  readonly width?: number;
  readonly dark?: boolean;
  readonly touch?: boolean;
  /** The time zone of the viewer; this machine's where missing. */
  readonly zone?: string;
}

/** The console of a whole server in a real browser. */
export interface ConsoleStage {
  readonly plane: TestPlane;
  readonly browser: Browser;
  /** An agent's key; its writes are held for the editors. */
  readonly scribe: string;
  /** Opens a browser of its own in which this person is logged in. What breaks the page or its policy fails `healthy`. */
  logIn(email: string, look?: Look): Promise<Visit>;
  /** A write by the agent that waits for an answer; its id. */
  held(
    name: string,
    more?: { readonly content?: string; readonly claim?: string; readonly key?: string },
  ): Promise<string>;
  /** Two people put a change of the files in force. */
  putInForce(change: (files: Record<string, string>) => Record<string, string>): Promise<void>;
  close(): Promise<void>;
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of the page, and what its policy refused, so far. */
  readonly faults: readonly string[];
  open(path: string): Promise<void>;
}

const organisation = "countersign.yaml";

/** One answer of a hundred would bring on a seeded request: none comes by chance where a test does not ask for it. */
function seeded({ edit }: PlaneOptions): (text: string) => string {
  return (text) => {
    const own = edit?.[organisation]?.(text) ?? text;
    return /^approvals:/m.test(own) ? own : `${own.trimEnd()}\napprovals: { canaries: { share: 0% } }\n`;
  };
}

export async function openConsole(options: PlaneOptions = {}): Promise<ConsoleStage> {
  const plane = await openTestPlane({ ...options, edit: { ...options.edit, [organisation]: seeded(options) } });
  const browser = await chromium.launch({ executablePath: findBrowser(), args: browserArgs });
  await plane.grantTier("scribe", "docs-upkeep", 2);
  const scribe = await plane.agent("scribe");
  return {
    plane,
    browser,
    scribe,
    async logIn(email, { width = 1280, dark = false, touch = false, zone } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: width < 600 ? 844 : 900 },
        colorScheme: dark ? "dark" : "light",
        hasTouch: touch,
        reducedMotion: "reduce",
        ...(zone === undefined ? {} : { timezoneId: zone }),
      });
      const page = await context.newPage();
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error") faults.push(message.text());
      });
      const link = (await invite(plane.running.control, "countersign", email)).shownOnce.reveal();
      await page.goto(`${plane.url}/login?link=${link}`);
      await page.click("button");
      await page.waitForURL(`${plane.url}/`);
      return {
        page,
        context,
        faults,
        async open(path) {
          await page.goto(`${plane.url}${path}`);
          await page.waitForSelector("main h1");
        },
      };
    },
    async held(name, { content = "A page.\n", claim = "it was asked for", key = scribe } = {}) {
      const path = join(plane.folder, "sandbox", name);
      const body = { server: "files", tool: "write_file", arguments: { path, content }, claim };
      const { json } = await plane.call("POST", "/v1/actions", { key, body });
      return json.id;
    },
    async putInForce(change) {
      const [first, second] = [await plane.person(ana), await plane.person(bo)];
      const { files } = (await plane.call("GET", "/v1/workspace/files", { key: first })).json;
      const body = { files: { ...files, ...change(files) } };
      const { proposal } = (await plane.call("POST", "/v1/workspace/apply", { key: first, body })).json;
      const { digest } = (await plane.call("GET", `/v1/proposals/${proposal}`, { key: second })).json;
      const signed = await plane.call("POST", `/v1/proposals/${proposal}/sign`, { key: second, body: { digest } });
      if (signed.status !== 200) throw new Error(`not in force: ${JSON.stringify(signed.json)}`);
    },
    async close() {
      await browser.close();
      await plane.close();
    },
  };
}
