import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Checks of one scenario that passed and that failed; everything else (skipped, told, warned) is not counted. */
export interface Score {
  readonly passed: number;
  readonly failed: number;
  readonly warned: number;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const cli = join(root, "node_modules/@modelcontextprotocol/conformance/dist/index.js");
const preload = fileURLToPath(new URL("loopback.cjs", import.meta.url));

export const revisions = ["2025-11-25", "2026-07-28"] as const;
export type Revision = (typeof revisions)[number];

/** Runs the official suite's server part against an address and counts its checks, scenario by scenario. */
export async function judge(url: string, revision: Revision): Promise<ReadonlyMap<string, Score>> {
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  try {
    const child = spawn(
      process.execPath,
      ["--require", preload, cli, "server", "--url", url, "--requirements", revision, "-o", folder],
      {
        stdio: ["ignore", "pipe", "pipe"],
        cwd: folder,
      },
    );
    const said: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    await new Promise((resolve) => child.once("close", resolve));
    const scores = await readScores(folder);
    if (scores.size === 0)
      throw new Error(`the referee left no results:\n${Buffer.concat(said).toString("utf8").slice(-2_000)}`);
    return scores;
  } finally {
    if (process.env.CONFORMANCE_KEEP === undefined) await rm(folder, { recursive: true });
    else console.error(`results of ${url} at ${revision} are in ${folder}`);
  }
}

async function readScores(folder: string): Promise<ReadonlyMap<string, Score>> {
  const scores = new Map<string, Score>();
  for (const entry of await readdir(folder, { recursive: true })) {
    const found = /(?:^|\/)server-(.+?)-\d{4}-\d\d-\d\dT[^/]*\/checks\.json$/.exec(entry);
    if (found?.[1] === undefined) continue;
    const checks = JSON.parse(await readFile(join(folder, entry), "utf8")) as { readonly status: string }[];
    const count = (status: string) => checks.filter((check) => check.status === status).length;
    scores.set(found[1], { passed: count("SUCCESS"), failed: count("FAILURE"), warned: count("WARNING") });
  }
  return scores;
}

/** Scenarios that do not score the same on both sides, with both scores. */
export function differences(alone: ReadonlyMap<string, Score>, through: ReadonlyMap<string, Score>): readonly string[] {
  const names = new Set([...alone.keys(), ...through.keys()]);
  return [...names].flatMap((name) => {
    const [one, other] = [scoreText(alone.get(name)), scoreText(through.get(name))];
    return one === other ? [] : [`${name}: alone ${one}; through the gate ${other}`];
  });
}

export function scoreText(score: Score | undefined): string {
  return score === undefined ? "not run" : `${score.passed} passed, ${score.failed} failed, ${score.warned} warned`;
}

export function totalOf(scores: ReadonlyMap<string, Score>): Score {
  const all = [...scores.values()];
  const sum = (member: keyof Score) => all.reduce((before, score) => before + score[member], 0);
  return { passed: sum("passed"), failed: sum("failed"), warned: sum("warned") };
}
