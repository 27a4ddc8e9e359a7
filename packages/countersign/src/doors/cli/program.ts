import { Command, type CommanderError } from "commander";
import { Problem } from "../../floor/problem.ts";
import { versionOf } from "../../floor/version.ts";
import { actions } from "./actions.ts";
import { agent } from "./agent.ts";
import { approvals } from "./approvals.ts";
import { audit } from "./audit.ts";
import { backup } from "./backup.ts";
import type { Noun } from "./command.ts";
import { completion } from "./completion.ts";
import { connect } from "./connect.ts";
import { doctor } from "./doctor.ts";
import { erase } from "./erase.ts";
import { Ended } from "./fail.ts";
import { init } from "./init.ts";
import { log } from "./log.ts";
import { login } from "./login.ts";
import { lookup } from "./lookup.ts";
import { mcp } from "./mcp.ts";
import { notices } from "./notices.ts";
import { person } from "./person.ts";
import { policy } from "./policy.ts";
import { grants } from "./policy-rules.ts";
import { preservation } from "./preservation.ts";
import { proposal } from "./proposal.ts";
import { receipt } from "./receipt.ts";
import { reverse } from "./reverse.ts";
import { runs } from "./runs.ts";
import { secret } from "./secret.ts";
import type { Shell } from "./shell.ts";
import { stop } from "./stop.ts";
import { tools } from "./tools.ts";
import { alerts, unknowns } from "./unknowns.ts";
import { up } from "./up.ts";
import { verify } from "./verify.ts";
import { waiver } from "./waiver.ts";
import { workflow } from "./workflow.ts";
import { workspace } from "./workspace.ts";

const groups: readonly (readonly [string, readonly Noun[]])[] = [
  ["Set up:", [init, up, workspace, proposal, login, connect, doctor]],
  ["What agents do:", [actions, runs, receipt, lookup]],
  ["What people do:", [approvals, stop, reverse, unknowns, alerts, notices, erase, preservation]],
  ["Who and what:", [agent, person, workflow, tools, policy, grants, waiver, secret]],
  ["Proof:", [verify, log, audit]],
  ["The data folder:", [backup]],
  ["For programs:", [mcp, completion]],
];

const exitHelp = `
Exit codes: 0 done or held, 1 checked and does not hold, 2 invalid, 3 refused, 4 not allowed, 5 not found,
6 conflict, 7 too much, 9 not enough evidence, 70 a fault in countersign, 75 unavailable`;

/** Every command there is. */
export function createProgram(shell: Shell): Command {
  const program = new Command("countersign")
    .version(versionOf())
    .description("the control plane for AI agents: every action passes one gate and leaves a receipt")
    .option("--json", "answers, and errors, as JSON")
    .option("--url <address>", "the server to ask")
    .addHelpText("after", exitHelp)
    .helpCommand("help [command]", "help for a command");
  program.hook("preAction", () => {
    const { json, url } = program.opts<{ json?: true; url?: string }>();
    shell.asJson = json === true;
    shell.url = url;
  });
  for (const [heading, nouns] of groups) {
    program.commandsGroup(heading);
    for (const noun of nouns) noun(program, shell);
  }
  return quiet(program, shell);
}

/** No command ends the process or writes by itself: what is wrong becomes a problem. */
function quiet(command: Command, shell: Shell): Command {
  command.exitOverride((stopped: CommanderError) => {
    if (stopped.exitCode === 0) throw new Ended(0);
    if (stopped.code === "commander.help") throw new Ended(2);
    throw problemOf(stopped, command);
  });
  command.configureOutput({
    writeOut: (text) => void shell.terminal.stdout.write(text),
    writeErr: (text) => void shell.terminal.stderr.write(text),
    outputError: () => undefined,
    getOutHelpWidth: () => 110,
    getErrHelpWidth: () => 110,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  command.configureHelp({ showGlobalOptions: true });
  for (const child of command.commands) quiet(child, shell);
  return command;
}

function problemOf(stopped: CommanderError, command: Command): Problem {
  const [first = "", ...hints] = stopped.message.replace(/^error: /, "").split("\n");
  const detail = first.replaceAll("'", "`").replace(/\.$/, "");
  const hint = /Did you mean (.+?)\?/.exec(hints.join(" "))?.[1];
  const path = pathOf(command);
  const help = hint === undefined ? `see \`${path} --help\`` : `did you mean \`${hint}\`?`;
  return new Problem("invalid", `${detail.charAt(0).toLowerCase()}${detail.slice(1)}`, { help });
}

function pathOf(command: Command): string {
  const above = command.parent === null ? "" : `${pathOf(command.parent)} `;
  return `${above}${command.name()}`;
}
