import { resolve } from "node:path";
import { exits } from "@countersign/contract";
import type { BackupMade, RestoreReport } from "../../backup/index.ts";
import { gather, type Noun } from "./command.ts";
import { line } from "./paint.ts";
import { bar } from "./progress-bar.ts";
import type { Shell } from "./shell.ts";

interface BackupOptions {
  readonly data?: string;
  readonly to?: readonly string[];
  readonly withKeys?: true;
}

interface RestoreOptions {
  readonly data?: string;
  readonly identity?: string;
  readonly trust?: string;
  readonly anchor?: readonly string[];
  readonly acceptRollback?: string;
  readonly check?: true;
}

export const backup: Noun = (program, shell) => {
  program
    .command("backup")
    .description("write everything into one file, beside a server that runs or without one")
    .argument("<file>", "a new file; ordinary `tar` lists what is in it")
    .option("--data <folder>", "the data folder; COUNTERSIGN_DATA where missing")
    .option("--to <recipient>", "encrypt it to an age recipient, `age1…`; several with commas", gather)
    .option("--with-keys", "put the sealing key and the signing key in too: then the file alone opens everything")
    .action((file: string, options: BackupOptions) => write(shell, file, options));
  program
    .command("restore")
    .description("check a backup and restore it into an empty folder; ends with 1 where it does not hold")
    .argument("<file>")
    .option("--data <folder>", "a folder that is empty but for key files; COUNTERSIGN_DATA where missing")
    .option("--identity <file>", "the age identity that opens the backup")
    .option("--trust <file>", "verify the log under these pinned keys, as `log trust` once gave them")
    .option("--anchor <file>", "a file of checkpoints that must not have seen more; several with commas", gather)
    .option("--accept-rollback <reason>", "restore it although more was seen: anchors and ledger keep this for good")
    .option("--check", "read and compare all of it, and restore nothing")
    .action((file: string, options: RestoreOptions) => restore(shell, file, options));
};

async function write(shell: Shell, file: string, options: BackupOptions): Promise<void> {
  const to = options.to ?? [];
  if (options.withKeys === true && to.length === 0)
    shell.note(
      shell.paint.warn(
        "the keys will be in this file, in clear: whoever has it reads all of it, and signs as this log",
      ),
    );
  const progress = bar(shell, "backup");
  const made = await shell.terminal.backup({
    ...placeOf(shell, options.data),
    file: resolve(shell.terminal.cwd, file),
    to,
    withKeys: options.withKeys === true,
    progress: progress.show,
  });
  progress.end();
  shell.answer(made, () => madeLines(shell, { ...made, file }));
}

async function restore(shell: Shell, file: string, options: RestoreOptions): Promise<void> {
  const { cwd } = shell.terminal;
  const path = (name: string): string => resolve(cwd, name);
  const progress = bar(shell, "restore");
  const report = await shell.terminal.restore({
    ...placeOf(shell, options.data),
    file: path(file),
    ...(options.identity === undefined ? {} : { identity: path(options.identity) }),
    ...(options.trust === undefined ? {} : { trust: path(options.trust) }),
    anchors: (options.anchor ?? []).map(path),
    ...(options.acceptRollback === undefined ? {} : { acceptRollback: options.acceptRollback }),
    checkOnly: options.check === true,
    progress: progress.show,
  });
  progress.end();
  if (!report.holds) shell.exit = exits.doesNotHold;
  shell.answer(report, () => (report.holds ? restoredLines(shell, report) : brokenLines(shell, report)));
}

function placeOf(shell: Shell, data: string | undefined) {
  const { env, cwd } = shell.terminal;
  return { env, ...(data === undefined ? {} : { data: resolve(cwd, data) }) };
}

const thousands = (count: number): string => count.toLocaleString("en");
const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

function madeLines({ paint }: Shell, made: BackupMade): readonly string[] {
  return [
    `wrote ${line(made.file)}, ${megabytes(made.bytes)}${made.encrypted ? ", encrypted" : ""}: ${thousands(made.size)} entries in the signed tree, ${thousands(made.rows)} rows`,
    paint.dim(`sha256:${made.sha256}`),
    made.keys
      ? paint.warn("it holds the sealing key and the signing key")
      : "the keys are not in it: keep `sealing.key` and `signing-key` apart from it, and as long",
  ];
}

function restoredLines(shell: Shell, report: RestoreReport): readonly string[] {
  const { paint } = shell;
  const { about, anchors, missing, keysMissing, stop } = report;
  const said = [
    report.restored
      ? `restored into ${line(report.dataFolder)}: ${thousands(report.rows)} rows, as of ${line(about?.madeAt ?? "")}`
      : `holds: ${thousands(report.rows)} rows, as of ${line(about?.madeAt ?? "")}; nothing was restored`,
  ];
  if (!report.restored) return said;
  said.push(
    `${thousands(report.size)} entries in the tree and ${thousands(report.unsequenced)} after it verify under ${report.underOwnKeys ? "the log's own keys; `--trust` verifies under yours" : "the pinned keys"}`,
    ...anchors.map((anchor) => `anchor ${line(anchor)}`),
    ...missing.map(({ anchor, seen }) =>
      paint.warn(
        `${line(anchor)} has seen ${thousands(seen)} entries; the log begins again at ${thousands(about?.size ?? 0)}, and it will be told`,
      ),
    ),
    ...keysMissing.map((name) => paint.warn(`put \`${name}\` there before the start`)),
    `everything is stopped, and ${report.frozen} held actions are frozen: they may have run since`,
    paint.dim(`when you have looked: ${shell.called} lift ${stop ?? ""} --reason …`),
  );
  return said;
}

function brokenLines({ paint }: Shell, report: RestoreReport): readonly string[] {
  const older = report.missing.length > 0;
  return [
    `${paint.bad("DOES NOT HOLD")}: nothing was restored`,
    ...report.problems.slice(0, 20).map((problem) => `  ${line(problem)}`),
    ...(report.problems.length > 20 ? [`  and ${report.problems.length - 20} more`] : []),
    ...(older
      ? [paint.dim("  restore the newest backup, or say with `--accept-rollback` why an older one is meant")]
      : []),
  ];
}
