import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type CarriedTimestamp,
  exits,
  type FoundFlaw,
  logType,
  packType,
  parseTrust,
  type Trust,
  verifyBundle,
  verifyLog,
  verifyPack,
} from "@countersign/contract";
import { Problem } from "../../floor/problem.ts";
import { digestOf, readCertificates } from "../../ledger/index.ts";
import type { Noun } from "./command.ts";
import { packLines } from "./pack-lines.ts";
import { line } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface Result {
  readonly file: string;
  readonly ok: boolean;
  readonly about: string;
  readonly problems: readonly FoundFlaw[];
  /** What it may be instead of a receipt. */
  readonly hint?: string;
  /** Of a log: what timestamp authorities said; `at` is null where no certificates were given to check it against. */
  readonly timestamps?: readonly Said[];
}

interface Said {
  readonly authority: string;
  readonly size: number;
  readonly at: string | null;
}

export const verify: Noun = (program, shell) => {
  program
    .command("verify")
    .description(
      "verify receipts offline against a trust file that was pinned beforehand; ends with 1 where one does not hold",
    )
    .argument("<files...>", "bundles, as `receipt ID --bundle FILE` writes them")
    .requiredOption("--trust <file>", "the pinned keys, as `log trust` once gave them")
    .option("--log", "the files are exports of whole logs")
    .option("--pack", "the files are the evidence of runs, as a run's page saves it; the trust in them is not read")
    .option("--tsa <file>", "with --log: certificates in PEM against which the timestamps in it are checked")
    .action(async (files: readonly string[], options: Options) => {
      if (options.log === true && options.pack === true)
        throw new Problem("invalid", "a file is either the export of a log or the evidence of a run", {
          help: "give --log or --pack",
        });
      if (options.tsa !== undefined && options.log !== true)
        throw new Problem("invalid", "timestamps stand in the export of a log alone", {
          help: "give --tsa with --log",
        });
      const trust = await trustOf(shell, options.trust);
      const authorities = options.tsa === undefined ? null : readCertificates(resolve(shell.terminal.cwd, options.tsa));
      const results: Result[] = [];
      for (const file of files)
        results.push(
          await (options.log === true
            ? whole(shell, file, trust, authorities)
            : options.pack === true
              ? pack(shell, file, trust)
              : one(shell, file, trust)),
        );
      if (results.some((result) => !result.ok)) shell.exit = exits.doesNotHold;
      shell.answer(results, () => results.flatMap((result) => said(shell, result)));
    });
};

interface Options {
  readonly trust: string;
  readonly log?: true;
  readonly pack?: true;
  readonly tsa?: string;
}

async function trustOf(shell: Shell, file: string): Promise<Trust> {
  const text = await shell.readText(file);
  try {
    return parseTrust(text);
  } catch (cause) {
    throw new Problem(
      "invalid",
      `the trust file cannot be used: ${cause instanceof Error ? cause.message : "unknown"}`,
      { cause },
    );
  }
}

const mostBytes = 64 * 1024 * 1024;

async function one(shell: Shell, file: string, trust: Trust): Promise<Result> {
  await using opened = await open(resolve(shell.terminal.cwd, file)).catch((cause: unknown) => unreadable(file, cause));
  if ((await opened.stat()).size > mostBytes)
    throw new Problem("too_large", `\`${line(file, 200)}\` is larger than a receipt can be`);
  const bytes = await opened.readFile().catch((cause: unknown) => unreadable(file, cause));
  const verified = await underTrust(verifyBundle(bytes, trust));
  const about =
    verified.subject === null
      ? ""
      : `${verified.subject}, ${verified.entries.length} entries${verified.withheld.length > 0 ? `, ${verified.withheld.length} withheld` : ""}`;
  const hint = verified.ok ? undefined : hintOf(bytes);
  return { file, ok: verified.ok, about, problems: verified.problems, ...(hint === undefined ? {} : { hint }) };
}

/** A receipt is one JSON object; the export of a log and the evidence of a run have a first one that says which they are. */
function hintOf(bytes: Buffer): string | undefined {
  const end = bytes.indexOf("\n");
  if (end < 0 || bytes.subarray(end).every((one) => one <= 0x20)) return undefined;
  try {
    const { type } = JSON.parse(bytes.toString("utf8", 0, end)) as { readonly type?: unknown };
    if (type === logType) return "it is the export of a log: --log reads it";
    return type === packType ? "it is the evidence of a run: --pack reads it" : undefined;
  } catch {
    return undefined;
  }
}

async function pack(shell: Shell, file: string, trust: Trust): Promise<Result> {
  await using opened = await open(resolve(shell.terminal.cwd, file)).catch((cause: unknown) => unreadable(file, cause));
  const { ok, run, actions, withheld, leftOut, problems } = await underTrust(
    verifyPack(readable(file, packLines(opened)), trust),
  );
  const steps =
    withheld === 0 ? "" : `; ${withheld} bundles withhold what was said: of their receipts only the steps are proven`;
  const parts = leftOut === 0 ? "" : `; ${leftOut} receipts leave out some of what was said: that is not compared`;
  return { file, ok, about: run === null ? "" : `${run}, ${actions} actions${steps}${parts}`, problems };
}

async function whole(shell: Shell, file: string, trust: Trust, authorities: Authorities): Promise<Result> {
  await using opened = await open(resolve(shell.terminal.cwd, file)).catch((cause: unknown) => unreadable(file, cause));
  const verified = await underTrust(verifyLog(readable(file, linesOf(opened)), trust));
  const problems = [...verified.problems];
  const timestamps: Said[] = [];
  for (const stamp of verified.timestamps) timestamps.push(await checked(stamp, authorities, problems));
  return {
    file,
    ok: problems.length === 0,
    about: `${verified.size} entries in the tree, ${verified.unsequenced} after it`,
    problems,
    timestamps,
  };
}

type Authorities = ReturnType<typeof readCertificates> | null;

/** What a timestamp proves, once it holds; where it does not, that is a problem of the log. */
async function checked(
  { authority, size, note, answer }: CarriedTimestamp,
  trusted: Authorities,
  problems: FoundFlaw[],
): Promise<Said> {
  if (trusted === null) return { authority, size, at: null };
  const { checkTimestamp } = await import("../../ledger/check-timestamp.ts");
  try {
    return {
      authority,
      size,
      at: checkTimestamp(Buffer.from(answer, "base64"), { digest: digestOf(note) }, trusted).at,
    };
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    problems.push({ code: "time", at: `size ${size}`, sentence: cause.detail });
    return { authority, size, at: null };
  }
}

/** Opened when the first line is asked for: a reader that flows before somebody listens loses what it has read. */
async function* linesOf(file: FileHandle): AsyncGenerator<string> {
  yield* file.readLines();
}

/** A directory opens as a file does, and fails once it is read. */
async function* readable<T>(file: string, lines: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* lines;
  } catch (cause) {
    unreadable(file, cause);
  }
}

/** Only a trust that cannot be used throws, or a file that cannot be read: what is wrong with a file is in the answer. */
async function underTrust<T>(verifying: Promise<T>): Promise<T> {
  try {
    return await verifying;
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem(
      "invalid",
      `the trust file cannot be used: ${cause instanceof Error ? cause.message : "unknown"}`,
      { cause },
    );
  }
}

function unreadable(file: string, cause: unknown): never {
  throw new Problem("invalid", `\`${line(file, 200)}\` cannot be read`, { cause });
}

function said(shell: Shell, result: Result): readonly string[] {
  const { good, bad } = shell.paint;
  const verdict = result.ok ? good("holds") : bad("DOES NOT HOLD");
  return [
    `${line(result.file)}: ${verdict}${result.about === "" ? "" : `  ${line(result.about)}`}`,
    ...(result.timestamps ?? []).map(({ authority, size, at }) => {
      const about = `the first ${size} entries, by ${line(authority)}`;
      return at === null ? `  timestamp not checked: ${about}; --tsa FILE checks it` : `  existed at ${at}: ${about}`;
    }),
    ...(result.hint === undefined ? [] : [`  ${result.hint}`]),
    ...result.problems.map((flaw) => `  ${flaw.code} at ${line(flaw.at)}: ${line(flaw.sentence)}`),
  ];
}
