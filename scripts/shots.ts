// Pictures of every page of the console, from a real run:
//   npm run shots -- [--to FOLDER] [--docs] [--only NAME,NAME]
// `--docs` renews those that the documentation shows; `--only` takes the pages of these names.
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
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
  options: { to: { type: "string" }, docs: { type: "boolean", default: false }, only: { type: "string" } },
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
  "workbench-light",
  "report-light",
  "stop-dialog-light",
  "login-light",
  "passkeys-light",
  "signed-light",
  "people-light",
  "frozen-agent-light",
]);

/** A page by the name of its picture; `then` comes to what is not there at once. */
type Shot = readonly [name: string, path: string, then?: (page: Page) => Promise<unknown>];

await buildConsole();
await rm(home, { recursive: true, force: true });
await mkdir(home, { mode: 0o755 });
await mkdir(to, { recursive: true });
const workspace = join(home, "workspace");
const { hasGit } = await copyWorkspace(workspace);
await edit("countersign.yaml", (text) =>
  text
    .replace(
      "\ngroups:",
      "  - { email: dee@acme.example, name: Dee, roles: [dri, approver], groups: [editors] }\n\ngroups:",
    )
    .replace("name: coder\n    owner: bo@acme.example", "name: coder\n    owner: dee@acme.example"),
);
await edit("workflows/docs-upkeep.yaml", (text) =>
  text.replace("block:\n", "  - { tool: memory.create_entities, from: editors, passkey: true }\nblock:\n"),
);
const stage = await openStage(home, 0);
let browser: Browser | undefined;
/** Dee has left. */
let isOut = false;
try {
  const only = values.only?.split(",");
  const paths = (await prepare()).filter(([name]) => only?.includes(name) ?? true);
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
    for (const [name, ...shot] of paths) await shoot(page, `${name}-${look.name}`, ...shot);
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
async function prepare(): Promise<readonly Shot[]> {
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
  const ask = (args: { readonly [name: string]: unknown }, claim: string, tool: string, server = "files") =>
    agent.actions.submit({ server, tool, arguments: args as never, claim });
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
  const missing = ["imprint", "contact", "licence", "roadmap", "faq"];
  const asked = [];
  for (const name of missing)
    asked.push(
      await ask(
        { path: join(workspace, "sandbox", "pages", `${name}.md`), content: `# ${name}\n\nA page about ${name}.\n` },
        "a page was missing",
        "write_file",
      ),
    );
  await answerEach(asked.map(({ id }) => id));
  const entities = [{ name: "contact page", entityType: "page", observations: ["readers ask for it"] }];
  const signed = await ask({ entities }, "so that the next run knows of it", "create_entities", "memory");
  const run = held.run;
  return [
    ["inbox", "/inbox"],
    ["request", `/inbox/${held.id}`],
    ["together", "/inbox/batches"],
    ["grants", "/inbox/grants"],
    ["answered", "/inbox/answers"],
    ["load", "/inbox/load"],
    ["report", "/inbox/report?weeks=1", (page) => page.locator("figure.answered").scrollIntoViewIfNeeded()],
    ["runs", "/runs"],
    ["run", `/runs/${run}`],
    ["receipt", `/actions/${action}`],
    ["workbench", `/workbench/${action}`, takeApart],
    ["find", "/find?q=welcome.md"],
    ["agents", "/agents"],
    ["agent", "/agents/scribe"],
    ["workflows", "/workflows"],
    ["workflow", "/workflows/docs-upkeep"],
    ["tools", "/tools"],
    ["policies", "/policies"],
    ["evals", "/evals"],
    ["outcomes", "/outcomes"],
    ["ledger", "/ledger"],
    ["stops", "/stops"],
    ["stop-dialog", "/inbox", wantStop],
    ["unknowns", "/unknowns"],
    ["alerts", "/alerts"],
    ["notices", "/notices"],
    ["login", `/login?link=${await stage.link("bo@acme.example")}`],
    ["passkeys", "/passkeys", havePasskey],
    ["signed", `/inbox/${signed.id}`, (page) => page.locator("section.answer").scrollIntoViewIfNeeded()],
    [
      "people",
      "/people",
      async (page) => {
        await takeDeeOut(page);
        await page.locator("main summary").first().click();
      },
    ],
    ["frozen-agent", "/agents/coder", takeDeeOut],
  ];
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const path = join(workspace, file);
  await writeFile(path, change(await readFile(path, "utf8")));
}

/** Ana registers a passkey of a device that this browser plays, where she has none. */
async function havePasskey(page: Page): Promise<void> {
  if ((await page.locator("main li").count()) > 0) return;
  const device = await page.context().newCDPSession(page);
  await device.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
  } as const;
  await device.send("WebAuthn.addVirtualAuthenticator", {
    options: { ...options, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await page.fill("input[name=name]", "laptop");
  await page.click("text=Register a passkey");
  await page.waitForSelector('li:has-text("laptop")');
}

/** Dee leaves: one person applies it, another signs, and what she owned stands still. */
async function takeDeeOut(page: Page): Promise<void> {
  if (!isOut) {
    const logIn = async (email: string): Promise<ReturnType<typeof connect>> => {
      const { url } = stage.running;
      const { key } = await connect({ url, door: "cli" }).identity.logIn(await stage.link(email), "pictures");
      return connect({ url, key, door: "cli" });
    };
    const [ana, bo] = [await logIn("ana@acme.example"), await logIn("bo@acme.example")];
    const { files } = await ana.rules.files();
    const text = (files["countersign.yaml"] ?? "").replace("name: Dee, ", "name: Dee, disabled: true, ");
    const { proposal = "" } = await ana.rules.apply({ ...files, "countersign.yaml": text });
    const { digest } = await bo.rules.proposal(proposal);
    await bo.rules.signProposal(proposal, digest);
    isOut = true;
  }
  await page.reload();
  await page.waitForSelector("main h1");
}

/** Bo answers them one after the other; the last one is denied. */
async function answerEach(actions: readonly string[]): Promise<void> {
  const { url } = stage.running;
  const { key } = await connect({ url, door: "cli" }).identity.logIn(await stage.link("bo@acme.example"), "pictures");
  const bo = connect({ url, key, door: "cli" });
  for (const id of actions) {
    const { callDigest, shownDigest = "" } = await bo.approvals.get(id);
    await setTimeout(1_500);
    const denied = id === actions.at(-1);
    const reason = denied ? "that stands in the welcome page already" : "it was missing";
    const verdict = denied ? "deny" : "approve";
    await bo.approvals.answer(id, { verdict, callDigest, shownDigest, reason, dwellMs: 1_500 });
  }
}

/** The case of it, and a rule that would have refused it. */
async function takeApart(page: Page): Promise<void> {
  await page.waitForSelector("section[aria-label='Why'] ol.chain li");
  await page.getByRole("button", { name: "Make the case" }).click();
  await page.waitForSelector("#case-text");
  await page.locator("section[aria-label='The rule'] select").first().selectOption("refuse");
  await page.waitForSelector("#rule-text");
}

/** Somebody is about to stop an agent; nothing is sent. */
async function wantStop(page: Page): Promise<void> {
  await page.keyboard.press("s");
  await page.keyboard.press("s");
  const dialog = page.locator("dialog[open]");
  await dialog.getByLabel("agent", { exact: true }).check();
  await dialog.getByLabel("Which agent").fill("scribe");
  await dialog.getByLabel("Why").fill("it writes pages that nobody asked for");
}

async function shoot(page: Page, name: string, path: string, then?: Shot[2]): Promise<void> {
  await page.goto(`${stage.running.url}${path}`);
  await page.waitForSelector("main h1");
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await then?.(page);
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(to, `${name}.png`), fullPage: true });
  if (values.docs && inDocs.has(name)) {
    await mkdir(join(root, "docs/images"), { recursive: true });
    await page.screenshot({ path: join(root, "docs/images", `console-${name}.png`) });
  }
}
