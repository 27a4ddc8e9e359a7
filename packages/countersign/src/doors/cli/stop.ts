import type { StopReport } from "@countersign/client";
import { Problem } from "../../floor/problem.ts";
import { duration, type Noun } from "./command.ts";
import { line, table } from "./paint.ts";
import { receiptCommand } from "./receipt-command.ts";
import type { Shell } from "./shell.ts";

const scopes = ["agent", "workflow", "tool", "system", "everything"] as const;

interface StopOptions {
  readonly reason: string;
  readonly for?: number;
  readonly void?: true;
}

export const stop: Noun = (program, shell) => {
  program
    .command("stop")
    .description("stop an agent, a workflow, a tool, a system or everything, at once")
    .argument("<scope>", scopes.join(", "))
    .argument("[name]", "what is stopped; left out for everything")
    .requiredOption("--reason <text>", "why")
    .option("--for <duration>", "how long, such as `2h`; until it is lifted where missing", duration)
    .option("--void", "refuse what is held instead of freezing it")
    .action((scope: string, name: string | undefined, options: StopOptions) => take(shell, scope, name, options));
  program
    .command("stops")
    .description("stops that are in force, and that were")
    .action(async () => {
      const stops = await (await shell.client()).stops.list();
      shell.answer({ stops }, () =>
        stops.length === 0
          ? ["nothing is stopped"]
          : table(
              ["stop", "what", "by", "since (UTC)", "until (UTC)", "state", "reason"],
              stops.map((one) => [
                one.id,
                `${one.scope} ${one.name}`,
                one.by,
                minute(one.takenAt),
                one.untilMs === null ? "until lifted" : minute(new Date(one.untilMs).toISOString()),
                standing(one, Date.now()),
                one.reason,
              ]),
              shell.paint,
            ),
      );
    });
  program
    .command("lift")
    .description("lift a stop; this takes a second person")
    .argument("<stop>", "`stp_…`, as `stops` lists it")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, options: { reason: string }) => {
      const lifted = await (await shell.client()).stops.lift(id, options.reason);
      shell.answer(lifted, () => [
        `lifted ${line(id)}; ${lifted.thawed.length} held actions are decided again`,
        shell.paint.dim(receiptCommand(shell, lifted.receipt)),
      ]);
    });
};

/** As the console says it: one whose time is over stops nothing, though nobody lifted it. */
function standing({ liftedAt, untilMs }: { liftedAt: string | null; untilMs: number | null }, nowMs: number): string {
  if (liftedAt !== null) return "lifted";
  return untilMs === null || nowMs < untilMs ? "in force" : "over";
}

function minute(time: string): string {
  return time.slice(0, 19).replace("T", " ");
}

async function take(shell: Shell, given: string, name: string | undefined, options: StopOptions): Promise<void> {
  const scope = scopes.find((one) => one === given);
  if (scope === undefined)
    throw new Problem("invalid", `\`${line(given, 60)}\` cannot be stopped`, { help: `one of ${scopes.join(", ")}` });
  if (scope !== "everything" && name === undefined) throw new Problem("invalid", `say which ${scope} is stopped`);
  const report = await (await shell.client()).stops.stop({
    scope,
    ...(scope === "everything" || name === undefined ? {} : { name }),
    reason: options.reason,
    ...(options.for === undefined ? {} : { forMs: options.for }),
    ...(options.void === true ? { voids: true } : {}),
  });
  shell.answer(report, () => reportLines(shell, report));
}

function reportLines(shell: Shell, report: StopReport): readonly string[] {
  const flying = report.inFlight.map((one) => `  ${line(one.action)}  ${line(one.agent)}: ${line(one.tool)}`);
  const ended = report.processes.map(
    ({ server, workflow, secrets }) =>
      `  ends: ${line(server)} of ${workflow === null ? "the server itself" : line(workflow)}${secrets.length === 0 ? "" : `, which had ${secrets.map((name) => line(name)).join(", ")}`}`,
  );
  return [
    `${shell.paint.bold(report.stop.id)}: ${report.stop.scope} ${report.stop.scope === "everything" ? "" : `${line(report.stop.name)} `}is stopped, after ${Math.round(report.tookMs)} ms`,
    `${report.frozen.length} held actions are frozen, ${report.voided.length} refused, ${report.inFlight.length} were on their way`,
    ...flying,
    ...(report.inFlightIsWhole ? [] : ["what other replicas had on their way could not be listed in time"]),
    ...(ended.length === 0 ? [] : [`${ended.length} processes of upstream servers end on this replica`, ...ended]),
    shell.paint.dim(`lift it: ${shell.called} lift ${report.stop.id} --reason …`),
    shell.paint.dim(receiptCommand(shell, report.receipt)),
  ];
}
