import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ActionReceipt, type Countersign, CountersignProblem, connect } from "@countersign/client";
import { receiptLines } from "../../packages/countersign/src/doors/cli/receipt-lines.ts";
import { type AgentProcess, startAgent } from "./agent-process.ts";
import { must } from "./must.ts";
import { proveOffline } from "./prove.ts";
import { type Screen, timed } from "./screen.ts";

/** A running plane with the example workspace. */
export interface Stage {
  readonly url: string;
  readonly workspace: string;
  /** A folder for what the tour writes. */
  readonly folder: string;
  readonly agentKey: string;
  readonly hasGit: boolean;
  /** A one-time login link's text for a person. */
  link(person: string): Promise<string>;
}

export interface Played {
  /** The action whose receipt is worth a look. */
  readonly action: string;
}

interface Cast {
  readonly stage: Stage;
  readonly screen: Screen;
  readonly agent: AgentProcess;
  readonly ana: Countersign;
  readonly bo: Countersign;
  readonly page: string;
  /** One receipt for each kind of thing that happened. */
  readonly receipts: string[];
}

const added = "Scribe looked here.";

/** Plays every promise once, with a real agent, real servers and two people; throws `TourFailed` where one does not hold. */
export async function play(stage: Stage, screen: Screen): Promise<Played> {
  const [ana, bo] = [await person(stage, "ana@acme.example"), await person(stage, "bo@acme.example")];
  const agent = await startAgent(`${stage.url}/mcp`, stage.agentKey);
  const page = join(stage.workspace, "sandbox", "pages", "welcome.md");
  const cast: Cast = { stage, screen, agent, ana, bo, page, receipts: [] };
  try {
    await tier(cast);
    await read(cast);
    const action = await write(cast);
    await forbidden(cast);
    await stopAndLift(cast);
    await reverse(cast, action);
    await receipts(cast, action);
    await proveOffline({ screen, reader: ana, folder: stage.folder, receipts: cast.receipts });
    return { action };
  } finally {
    await agent.close();
  }
}

async function person(stage: Stage, email: string): Promise<Countersign> {
  const { key } = await connect({ url: stage.url, door: "cli" }).identity.logIn(await stage.link(email), "the tour");
  return connect({ url: stage.url, key, door: "cli" });
}

/** A new agent may only read. Two people give it a tier, for a week. */
async function tier({ screen, ana, bo }: Cast): Promise<void> {
  screen.station("Two people let scribe write in the sandbox, for a week");
  const { inForce } = await ana.rules.waivers();
  if (inForce.some((waiver) => waiver.agent === "scribe"))
    return screen.said("ana, bo", "signed for tier 2 before; it is in force");
  const waiver = await ana.rules.proposeWaiver({
    agent: "scribe",
    workflow: "docs-upkeep",
    tier: 2,
    days: 7,
    reason: "the tour",
  });
  must(!waiver.inForce, "one signature was enough for a tier");
  screen.said("ana", "asks for tier 2; her own signature is not enough");
  const [, ms] = await timed(() => bo.rules.signWaiver(waiver.id));
  return screen.said("bo", "signs: it is in force", ms);
}

async function read(cast: Cast): Promise<void> {
  const { screen, agent, page, stage } = cast;
  screen.station("Scribe reads: nobody is asked");
  const told = await agent.call("files__read_text_file", { path: page });
  must(!told.isError && told.text.includes("# Welcome"), `the read was not answered: ${told.text.slice(0, 200)}`);
  screen.said("scribe", "files.read_text_file pages/welcome.md -> its text", told.ms);
  if (stage.hasGit) {
    const log = await agent.call("git__git_log", { path: join(stage.workspace, "sandbox") });
    must(!log.isError && log.text.includes("Welcome"), `git did not answer: ${log.text.slice(0, 200)}`);
    screen.said("scribe", "git.git_log sandbox -> one commit", log.ms);
  } else screen.said("", "git is not on this machine: its server is left out");
  const graph = await agent.call("memory__read_graph", {});
  must(!graph.isError, `memory did not answer: ${graph.text.slice(0, 200)}`);
  screen.said("scribe", "memory.read_graph -> still empty", graph.ms);
  cast.receipts.push(await newest(cast));
}

/** Held, looked at, approved, run once: also where the agent sends it twice. */
async function write(cast: Cast): Promise<string> {
  const { screen, agent, page, ana, bo } = cast;
  screen.station("Scribe writes: it is held until a person has looked");
  const before = await readFile(page, "utf8");
  const args = { path: page, edits: [{ oldText: "# Welcome\n", newText: `# Welcome\n\n${added}\n` }] };
  const first = agent.call("files__edit_file", args);
  const open = await waitFor(async () => (await ana.approvals.page()).approvals[0], "the edit was not held");
  const again = agent.call("files__edit_file", args);
  screen.said("scribe", "files.edit_file pages/welcome.md -> held, and sends it again");
  must((await readFile(page, "utf8")) === before, "the page changed before anybody approved");
  const [shown, lookMs] = await timed(() => ana.approvals.get(open.id));
  must(shown.shownDigest !== undefined && shown.yours, "ana may not answer what she was asked");
  screen.said("ana", "sees the page as it is, the exact edit, and how it would be undone", lookMs);
  const answer = {
    verdict: "approve" as const,
    callDigest: shown.callDigest,
    shownDigest: shown.shownDigest,
    reason: "a true sentence",
    dwellMs: Math.round(lookMs),
  };
  const [, approveMs] = await timed(() => ana.approvals.answer(open.id, answer));
  const [one, two] = await Promise.all([first, again]);
  screen.said("ana", "approves exactly these bytes", approveMs);
  must(!one.isError && !two.isError, `the approved edit was not answered: ${one.text.slice(0, 200)}`);
  screen.said("scribe", "gets its answer, both times the same", one.ms);
  const after = await readFile(page, "utf8");
  must(after.split(added).length === 2, `the sentence stands ${after.split(added).length - 1} times on the page`);
  const receipt = await actionReceipt(ana, open.id);
  must(receipt.what.attempts === 1, `it was sent ${receipt.what.attempts} times`);
  screen.seen("the sentence stands once on the page, and the edit was sent once");
  await refuses(() => bo.approvals.answer(open.id, answer), "not_found", "an approval was used twice");
  cast.receipts.push(open.id);
  return open.id;
}

/** What is blocked is not even listed; what lies in production is out of reach. */
async function forbidden(cast: Cast): Promise<void> {
  const { screen, agent, page, stage } = cast;
  screen.station("Scribe tries what it may not");
  const { tools } = await agent.list();
  must(
    tools.includes("files__edit_file") && !tools.includes("files__move_file"),
    "the list of tools shows what is blocked",
  );
  screen.said("scribe", `sees ${tools.length} tools; files.move_file is not among them`);
  const moved = await agent.call("files__move_file", { source: page, destination: `${page}.gone` });
  must(moved.notice?.state === "refused", `a blocked tool was not refused: ${moved.text.slice(0, 200)}`);
  screen.said("scribe", "calls files.move_file all the same -> refused, with a receipt", moved.ms);
  const site = join(stage.workspace, "production", "site.json");
  const before = await readFile(site, "utf8");
  const written = await agent.call("files__write_file", { path: site, content: "{}" });
  must(written.notice?.state === "refused", `a write to production was not refused: ${written.text.slice(0, 200)}`);
  must(
    (await readFile(site, "utf8")) === before && (await readFile(page, "utf8")) !== "",
    "a refused call had an effect",
  );
  screen.said("scribe", "files.write_file production/site.json -> refused: not in this tier", written.ms);
  screen.seen("nothing moved, and production is untouched");
  cast.receipts.push(moved.notice.action);
}

async function stopAndLift(cast: Cast): Promise<void> {
  const { screen, agent, page, ana, bo } = cast;
  screen.station("Bo stops the workflow; it takes another person to lift that");
  const [report, ms] = await timed(() => bo.stops.stop({ scope: "workflow", name: "docs-upkeep", reason: "the tour" }));
  screen.said("bo", `stops docs-upkeep; enforced after ${report.tookMs.toFixed(1)} ms`, ms);
  const told = await agent.call("files__read_text_file", { path: page });
  must(told.notice?.refusal === "stopped", `a stopped agent was answered: ${told.text.slice(0, 200)}`);
  screen.said("scribe", "reads -> refused: stopped", told.ms);
  cast.receipts.push(told.notice.action);
  await refuses(() => bo.stops.lift(report.stop.id, "over"), "forbidden", "one person stopped and lifted");
  screen.said("bo", "tries to lift it alone -> the second half belongs to another person");
  const [, liftMs] = await timed(() => ana.stops.lift(report.stop.id, "the tour goes on"));
  screen.said("ana", "lifts it", liftMs);
  const again = await agent.call("files__read_text_file", { path: page });
  must(!again.isError, `it was lifted, and the agent is still refused: ${again.text.slice(0, 200)}`);
  screen.said("scribe", "reads again", again.ms);
}

/** The undo is an action of its own: decided, approved by somebody else, executed, linked both ways. */
async function reverse(cast: Cast, action: string): Promise<void> {
  const { screen, page, ana, bo } = cast;
  screen.station("Ana takes the edit back");
  const asked = await ana.actions.reverse(action, "the tour is over");
  if (asked.state === "held") {
    screen.said("ana", "asks to undo it -> held: what she asks for, another person approves");
    const shown = await bo.approvals.get(asked.id);
    must(shown.shownDigest !== undefined, "bo may not see the undo");
    await bo.approvals.answer(asked.id, {
      verdict: "approve",
      callDigest: shown.callDigest,
      shownDigest: shown.shownDigest,
      reason: "take it back",
    });
  }
  const [ended, ms] = await timed(() => ana.actions.end(asked.id, AbortSignal.timeout(10_000)));
  must(ended.state === "done", `the undo is ${ended.state}: ${ended.sentence}`);
  screen.said("bo", "approves: the page is written back", ms);
  const text = await readFile(page, "utf8");
  must(!text.includes(added) && text.includes("# Welcome"), "the page is not as it was");
  const original = await waitFor(async () => {
    const view = await ana.actions.get(action);
    return view.state === "reversed" ? view : undefined;
  }, "the edit does not say that it was reversed");
  must(original.reversedBy === asked.id, "the edit names another undo");
  screen.seen("the page is what it was, and the two receipts name each other");
  cast.receipts.push(asked.id);
}

async function receipts(cast: Cast, action: string): Promise<void> {
  const { screen, ana } = cast;
  screen.station("Each of these has a receipt that answers six questions");
  for (const id of cast.receipts) {
    const receipt = await actionReceipt(ana, id);
    const answers = [
      receipt.what.sentence,
      receipt.data.direction,
      receipt.policy.sentence,
      receipt.approvals.sentence,
      receipt.reversal.sentence,
    ];
    must(
      answers.every((answer) => answer !== "") && Array.isArray(receipt.checks),
      `a receipt leaves a question open: ${id}`,
    );
    screen.said(receipt.state, `${id}  ${receipt.what.tool}`);
  }
  screen.line();
  const receipt = await actionReceipt(ana, action);
  for (const text of receiptLines(receipt, screen.paint)) {
    const short = text.replaceAll(cast.stage.workspace, "<workspace>");
    screen.line(short === "" ? "" : `    ${short}`);
  }
}

async function actionReceipt(reader: Countersign, id: string): Promise<ActionReceipt> {
  const receipt = await reader.receipts.get(id);
  must("what" in receipt, `${id} is not the receipt of an action`);
  return receipt;
}

async function newest({ ana }: Cast): Promise<string> {
  const { actions } = await ana.actions.page({ agent: "scribe", limit: 1 });
  const [action] = actions;
  must(action !== undefined, "no action was recorded");
  return action.id;
}

async function refuses(work: () => Promise<unknown>, code: string, otherwise: string): Promise<void> {
  const problem = await work().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  must(problem instanceof CountersignProblem && problem.code === code, `${otherwise}: ${String(problem)}`);
}

async function waitFor<T>(look: () => Promise<T | undefined>, otherwise: string): Promise<T> {
  const until = performance.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    must(performance.now() < until, otherwise);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
