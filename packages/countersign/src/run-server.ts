import { problems } from "@countersign/contract";
import { type Environment, readConfig } from "./config.ts";
import { asCalledIn } from "./floor/called-as.ts";
import { systemClock } from "./floor/clock.ts";
import { createLog } from "./floor/log.ts";
import { asProblem } from "./floor/problem.ts";
import { invite } from "./governance/index.ts";
import { type Running, serve } from "./serve.ts";

export interface RunServerOptions {
  readonly env?: Environment;
  /** Prints a one-time login link for this person; whoever starts the server holds everything it could protect. */
  readonly invite?: string;
  /** Also for the workspace's first admin, where this start put the first workspace in force. */
  readonly invitesFirst?: boolean;
}

/** Runs the server until it is told to stop. Exit codes are those of the table of problems. */
export async function runServer(options: RunServerOptions = {}): Promise<number> {
  let running: Running | undefined;
  try {
    const config = readConfig(options.env);
    running = await serve({ config, clock: systemClock, log: createLog(config.log) });
    // Before the address is told: whoever reads it may end the server at once, and it must drain then, too.
    const end = told();
    process.stdout.write(`${running.url}\n`);
    const person = options.invite ?? (options.invitesFirst === true ? firstAdmin(running) : undefined);
    if (person !== undefined) {
      const { shownOnce } = await invite(running.control, "countersign", person);
      process.stdout.write(`${running.url}/login?link=${shownOnce.reveal()}\n`);
      process.stderr.write(`the link logs ${person} in, once, within ten minutes\n`);
    }
    await end;
    await running.close();
    return 0;
  } catch (thrown) {
    await running?.close();
    const problem = asProblem(thrown);
    const help =
      problem.help === undefined
        ? ""
        : `\n  ${asCalledIn(problem.help, { env: options.env ?? {}, cwd: process.cwd() })}`;
    const cause = problem.code === "bug" && problem.cause instanceof Error ? `\n${problem.cause.stack ?? ""}` : "";
    process.stderr.write(`countersign: ${problem.detail}${help}${cause}\n`);
    return problems[problem.code].exit;
  }
}

function firstAdmin(running: Running): string | undefined {
  if (!running.assembled.first) return undefined;
  return running.control.keeper.loaded().workspace?.people.find((person) => person.roles.includes("admin"))?.email;
}

/** The first signal drains; a second one ends at once. */
function told(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        resolve();
      });
    }
  });
}
