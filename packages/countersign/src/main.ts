import { problems } from "@countersign/contract";
import { readConfig } from "./config.ts";
import { systemClock } from "./floor/clock.ts";
import { createLog } from "./floor/log.ts";
import { asProblem } from "./floor/problem.ts";
import { serve } from "./serve.ts";

/** Runs the server until it is told to stop. Exit codes are those of the table of problems. */
async function main(): Promise<number> {
  try {
    const config = readConfig();
    const log = createLog(config.log);
    const running = await serve({ config, clock: systemClock, log });
    process.stdout.write(`${running.url}\n`);
    await told();
    await running.close();
    return 0;
  } catch (thrown) {
    const problem = asProblem(thrown);
    const help = problem.help === undefined ? "" : `\n  ${problem.help}`;
    const cause = problem.code === "bug" && problem.cause instanceof Error ? `\n${problem.cause.stack ?? ""}` : "";
    process.stderr.write(`countersign: ${problem.detail}${help}${cause}\n`);
    return problems[problem.code].exit;
  }
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

process.exitCode = await main();
