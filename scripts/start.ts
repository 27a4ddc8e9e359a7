// `npm start`: the product on this machine, with the example workspace. Everything it writes lies in `.countersign/`.
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect as reach } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "@countersign/client";
import { problems } from "@countersign/contract";
import { TourFailed } from "../examples/tour/must.ts";
import { type OpenStage, openStage } from "../examples/tour/open-stage.ts";
import { play } from "../examples/tour/play.ts";
import { copyWorkspace } from "../examples/tour/sandbox.ts";
import { Screen, timed } from "../examples/tour/screen.ts";
import { bridgeJson, claudeCommand, httpJson } from "../packages/countersign/src/doors/cli/client-settings.ts";
import { asCalledIn } from "../packages/countersign/src/floor/called-as.ts";
import { asProblem, Problem } from "../packages/countersign/src/floor/problem.ts";
import { nextFree } from "../packages/countersign/src/open-server.ts";
import { alreadyRunning } from "../packages/countersign/src/running-note.ts";
import { buildConsole } from "./build-console.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const home = process.env.COUNTERSIGN_DATA ?? join(root, ".countersign");
const screen = new Screen();
const { bold, dim, bad } = screen.paint;

process.exitCode = await main().catch(told);

async function main(): Promise<number> {
  const port = portOf(process.env.COUNTERSIGN_PORT ?? "4600");
  if (await isTaken(port)) {
    const running = alreadyRunning(join(home, "data"));
    if (running !== undefined) throw running;
    const next = await nextFree("127.0.0.1", port);
    const other = next === undefined ? "" : `, or choose another with \`COUNTERSIGN_PORT=${next} npm start\``;
    throw new Problem("unavailable", `port ${port} is taken: another program listens there`, {
      help: `stop it${other}`,
    });
  }
  await buildConsole();
  const isFirst = !existsSync(join(home, "workspace"));
  await mkdir(home, { recursive: true, mode: 0o755 });
  const hasGit = isFirst ? (await copyWorkspace(join(home, "workspace"))).hasGit : true;
  const [stage, ms] = await timed(() => openStage(home, port));
  const stopped = untilStopped();
  try {
    const { url, assembled } = stage.running;
    screen.line(
      `${bold("Countersign")} at ${bold(url)}  ${dim(`${isFirst ? "first start" : "warm start"}, ${(ms / 1000).toFixed(1)} s; ${assembled.postgres}`)}`,
    );
    const key = await agentKey(stage);
    const played = isFirst ? await firstRun(stage, key, hasGit) : undefined;
    screen.line();
    for (const text of invitation(
      url,
      key,
      await stage.link("ana@acme.example"),
      await stage.link("bo@acme.example"),
      played,
    ))
      screen.line(text);
    await stopped;
    screen.line();
    screen.line("stopping: what runs is finished first");
  } finally {
    await stage.running.close();
  }
  return 0;
}

/** One real run through the MCP door, so that there is something to look at. */
async function firstRun(stage: OpenStage, agentKey: string, hasGit: boolean): Promise<string> {
  const papers = join(home, "papers");
  await rm(papers, { recursive: true, force: true });
  await mkdir(papers, { mode: 0o700 });
  screen.line(dim("the first time, it plays one real run; `npm run tour` plays it again, in a folder of its own"));
  const { url } = stage.running;
  try {
    const workspace = join(home, "workspace");
    const { action } = await play({ url, workspace, folder: papers, agentKey, hasGit, link: stage.link }, screen);
    await leaveOneHeld(url, agentKey, workspace);
    return action;
  } catch (thrown) {
    // Half a first run is no first run: the next start begins again.
    await rm(join(home, "workspace"), { recursive: true, force: true });
    throw thrown;
  }
}

/** One request that waits when somebody opens the console for the first time. */
async function leaveOneHeld(url: string, agentKey: string, workspace: string): Promise<void> {
  const page = join(workspace, "sandbox", "pages", "welcome.md");
  const edits = [{ oldText: "# Welcome\n", newText: "# Welcome\n\nAsk in the channel if something here is wrong.\n" }];
  const { state, sentence } = await connect({ url, key: agentKey }).actions.submit({
    server: "files",
    tool: "edit_file",
    arguments: { path: page, edits },
    claim: "readers asked where to report a mistake",
  });
  if (state !== "held") throw new TourFailed(`the request for the console was not held: ${sentence}`);
}

/** The agent's key, shown to its owner at each start: it is kept beside the data, where only they can read it. */
async function agentKey(stage: OpenStage): Promise<string> {
  const file = join(home, "scribe.key");
  const kept = existsSync(file) ? (await readFile(file, "utf8")).trim() : undefined;
  if (
    kept !== undefined &&
    (await connect({ url: stage.running.url, key: kept })
      .identity.me()
      .catch(() => undefined)) !== undefined
  )
    return kept;
  const key = await stage.key();
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
  return key;
}

function invitation(url: string, key: string, ana: string, bo: string, played: string | undefined): readonly string[] {
  const receipt = played === undefined ? "npx countersign actions" : `npx countersign receipt ${played}`;
  return [
    bold("Look"),
    `  ${url}/login?link=${ana}`,
    dim("  Ana's way into the console: works once, within ten minutes. A request of the agent's may wait there"),
    "",
    bold("Let an agent of yours in"),
    `  ${claudeCommand({ url, key })}`,
    dim("  or, in its .mcp.json:"),
    `  ${httpJson({ url, key })}`,
    dim("  or, for a client that only starts commands:"),
    `  ${bridgeJson({ url, key })}`,
    dim("  `npx countersign connect` prints these forms again, and Codex's, without the key"),
    "",
    bold("Three commands to try, in another terminal"),
    `  npx countersign login          ${dim("paste Bo's link:")} ${url}/login?link=${bo}`,
    `  ${receipt}`,
    '  npx countersign stop everything --reason "to see it"',
    "",
    dim(`Ctrl-C stops everything. What it keeps is in ${home}; remove that folder to begin again.`),
  ];
}

function portOf(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535)
    throw new Problem("invalid", "`COUNTERSIGN_PORT` is not a port", { help: "a number from 1 to 65535" });
  return port;
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = reach({ host: "127.0.0.1", port });
    const done = (taken: boolean): void => {
      socket.destroy();
      resolve(taken);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
}

/** The first signal drains; a second one ends at once. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        resolve();
      });
    }
  });
}

function told(thrown: unknown): number {
  if (thrown instanceof TourFailed) {
    console.error(`${bad("the first run does not hold:")} ${thrown.message}`);
    return 1;
  }
  const problem = asProblem(thrown);
  const help =
    problem.help === undefined ? "" : `\n  ${asCalledIn(problem.help, { env: process.env, cwd: process.cwd() })}`;
  const cause = problem.code === "bug" && problem.cause instanceof Error ? `\n${problem.cause.stack}` : "";
  console.error(`${bad("error:")} ${problem.detail}${help}${cause}`);
  return problems[problem.code].exit;
}
