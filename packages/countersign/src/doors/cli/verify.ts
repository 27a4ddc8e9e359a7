import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import { exits, type FoundFlaw, parseTrust, type Trust, verifyBundle, verifyLog } from "@countersign/contract";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { line } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface Result {
  readonly file: string;
  readonly ok: boolean;
  readonly about: string;
  readonly problems: readonly FoundFlaw[];
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
    .action(async (files: readonly string[], options: { trust: string; log?: true }) => {
      const trust = await trustOf(shell, options.trust);
      const results: Result[] = [];
      for (const file of files)
        results.push(await (options.log === true ? whole(shell, file, trust) : one(shell, file, trust)));
      if (results.some((result) => !result.ok)) shell.exit = exits.doesNotHold;
      shell.answer(results, () => results.flatMap((result) => said(shell, result)));
    });
};

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
  const verified = await underTrust(verifyBundle(await opened.readFile(), trust));
  const about =
    verified.subject === null
      ? ""
      : `${verified.subject}, ${verified.entries.length} entries${verified.withheld.length > 0 ? `, ${verified.withheld.length} withheld` : ""}`;
  return { file, ok: verified.ok, about, problems: verified.problems };
}

async function whole(shell: Shell, file: string, trust: Trust): Promise<Result> {
  await using opened = await open(resolve(shell.terminal.cwd, file)).catch((cause: unknown) => unreadable(file, cause));
  const verified = await underTrust(verifyLog(linesOf(opened), trust));
  return {
    file,
    ok: verified.ok,
    about: `${verified.size} entries in the tree, ${verified.unsequenced} after it`,
    problems: verified.problems,
  };
}

/** Opened when the first line is asked for: a reader that flows before somebody listens loses what it has read. */
async function* linesOf(file: FileHandle): AsyncGenerator<string> {
  yield* file.readLines();
}

/** Only a trust that cannot be used throws: what is wrong with a file is in the answer. */
async function underTrust<T>(verifying: Promise<T>): Promise<T> {
  try {
    return await verifying;
  } catch (cause) {
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
    ...result.problems.map((flaw) => `  ${flaw.code} at ${line(flaw.at)}: ${line(flaw.sentence)}`),
  ];
}
