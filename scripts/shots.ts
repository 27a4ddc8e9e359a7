// Pictures of every page of the console, from a real run:
//   npm run shots -- [--to FOLDER] [--docs]
// `--docs` renews those that the documentation shows.
import { chmod, mkdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connect } from "@countersign/client";
import { type Browser, chromium, type Page } from "playwright-core";
import { openStage } from "../examples/tour/open-stage.ts";
import { play } from "../examples/tour/play.ts";
import { copyWorkspace } from "../examples/tour/sandbox.ts";
import { Screen } from "../examples/tour/screen.ts";
import { browserArgs, findBrowser } from "./browser.ts";
import { buildConsole } from "./build-console.ts";

const { values } = parseArgs({
  options: { to: { type: "string" }, docs: { type: "boolean", default: false } },
});
const root = join(import.meta.dirname, "..");
const to = values.to ?? join(tmpdir(), "countersign-shots");
// A short name, since it stands in the pictures.
const home = join(tmpdir(), "acme");

const looks = [
  { name: "light", width: 1280, dark: false },
  { name: "dark", width: 1280, dark: true },
  { name: "phone", width: 390, dark: false },
  { name: "phone-dark", width: 390, dark: true },
] as const;

const inDocs = new Set([
  "request-light",
  "request-phone",
  "receipt-light",
  "run-light",
  "workflow-light",
  "stops-dark",
]);

await buildConsole();
await rm(home, { recursive: true, force: true });
await mkdir(home, { mode: 0o755 });
await mkdir(to, { recursive: true });
const workspace = join(home, "workspace");
const { hasGit } = await copyWorkspace(workspace);
const stage = await openStage(home, 0);
let browser: Browser | undefined;
try {
  const paths = await prepare();
  browser = await chromium.launch({ executablePath: findBrowser(), args: browserArgs });
  for (const look of looks) {
    const context = await browser.newContext({
      viewport: { width: look.width, height: look.width < 600 ? 844 : 800 },
      colorScheme: look.dark ? "dark" : "light",
      hasTouch: look.width < 600,
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    await page.goto(`${stage.running.url}/login?link=${await stage.link("ana@acme.example")}`);
    await page.click("button");
    for (const [name, path] of paths) await shoot(page, `${name}-${look.name}`, path);
    await context.close();
  }
  process.stdout.write(`${paths.length * looks.length} pictures in ${to}\n`);
} finally {
  await browser?.close();
  await stage.running.close();
  const elsewhere = await readFile(join(home, "data", "postgres-is-at"), "utf8").catch(() => "");
  if (elsewhere.trim() !== "") await rm(elsewhere.trim(), { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
}

/** Plays the tour, leaves something of each kind, and names every page. */
async function prepare(): Promise<readonly (readonly [string, string])[]> {
  const { url } = stage.running;
  const papers = join(home, "papers");
  await mkdir(papers);
  await chmod(papers, 0o700);
  const agentKey = await stage.key();
  const { action } = await play({ url, workspace, folder: papers, agentKey, hasGit, link: stage.link }, new Screen());
  const agent = connect({ url, key: agentKey });
  const page = join(workspace, "sandbox", "pages", "welcome.md");
  const edit = (newText: string) => ({
    path: page,
    edits: [{ oldText: "# Welcome\n", newText: `# Welcome\n\n${newText}\n` }],
  });
  const ask = (args: { readonly [name: string]: unknown }, claim: string, tool: string) =>
    agent.actions.submit({ server: "files", tool, arguments: args as never, claim });
  const held = await ask(
    edit("Ask in the channel if something here is wrong."),
    "readers asked where to report a mistake",
    "edit_file",
  );
  for (const name of ["news", "team", "tools"])
    await ask(
      { path: join(workspace, "sandbox", "pages", `${name}.md`), content: `# ${name}\n\nA page about ${name}.\n` },
      "a page was missing",
      "write_file",
    );
  const run = held.run;
  return [
    ["inbox", "/inbox"],
    ["request", `/inbox/${held.id}`],
    ["together", "/inbox/batches"],
    ["grants", "/inbox/grants"],
    ["answered", "/inbox/answers"],
    ["load", "/inbox/load"],
    ["runs", "/runs"],
    ["run", `/runs/${run}`],
    ["receipt", `/actions/${action}`],
    ["find", "/find?q=welcome.md"],
    ["agents", "/agents"],
    ["agent", "/agents/scribe"],
    ["workflows", "/workflows"],
    ["workflow", "/workflows/docs-upkeep"],
    ["tools", "/tools"],
    ["policies", "/policies"],
    ["people", "/people"],
    ["evals", "/evals"],
    ["outcomes", "/outcomes"],
    ["ledger", "/ledger"],
    ["stops", "/stops"],
    ["unknowns", "/unknowns"],
    ["alerts", "/alerts"],
  ];
}

async function shoot(page: Page, name: string, path: string): Promise<void> {
  await page.goto(`${stage.running.url}${path}`);
  await page.waitForSelector("main h1");
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(to, `${name}.png`), fullPage: true });
  if (values.docs && inDocs.has(name)) {
    await mkdir(join(root, "docs/images"), { recursive: true });
    await page.screenshot({ path: join(root, "docs/images", `console-${name}.png`) });
  }
}
