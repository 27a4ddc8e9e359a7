import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { type Audited, total, type Violations } from "./audit.ts";
import { type Bug, bugs } from "./bugs.ts";
import type { CoreOptions, CoreReport } from "./core.ts";
import { type DiskReport, diskFull } from "./disk.ts";
import { type Cluster, openCluster } from "./environment.ts";
import { crashes, kills, load, stops } from "./kills.ts";
import type { ScenarioName } from "./scenarios.ts";
import { openStage } from "./stage.ts";

export interface FaultsOptions {
  /** Schedules cut in process. */
  readonly points: number;
  /** Servers and databases ended with `kill -9`. */
  readonly kills: number;
  readonly say: (line: string) => void;
}

export interface FaultsReport {
  readonly machine: object;
  readonly seconds: number;
  readonly points: Readonly<Record<string, number>>;
  readonly violations: Readonly<Record<keyof Violations, number>>;
  readonly examples: readonly string[];
  readonly actions: number;
  readonly effects: number;
  readonly unknown: number;
  readonly resolved: number;
  readonly slowestRecoveryMs: number;
  readonly disk: DiskReport | string;
  readonly caught: Readonly<Record<string, string>>;
  readonly bugs: { readonly planted: number; readonly caught: number };
  readonly holds: boolean;
}

/** Ends a run that hangs: in the one with a planted bug that is a finding, in the other a failure. */
const longestCoreMs = 240_000;
/** More points, more time. */
const longestPointMs = 1_000;

/** Breaks the product in every way there is here, then breaks its source, and says what came of it. */
export async function runFaults(options: FaultsOptions): Promise<FaultsReport> {
  const started = performance.now();
  const cluster = await openCluster();
  try {
    const { say } = options;
    say("cutting in process ...");
    const core = await inChild({
      ground: await cluster.ground("core"),
      sizes: coreSizes(options.points),
      atOnce: 24,
    });
    if (typeof core === "string") throw new Error(`the run without a bug fell: ${core}`);
    say(line("in process", core));
    const killed = await killing(cluster, options);
    say("filling the disk ...");
    const disk = await diskFull(30);
    if (typeof disk !== "string") say(line("disk full", disk));
    const caught = await hunt(cluster, say);
    return summed(options, started, [core, killed, ...(typeof disk === "string" ? [] : [disk])], {
      points: { ...core.points, ...killed.points },
      slowestRecoveryMs: killed.slowestRecoveryMs,
      disk,
      caught,
    });
  } finally {
    await cluster.close();
  }
}

function coreSizes(points: number): Record<ScenarioName, number> {
  const share = (part: number, least: number): number => Math.max(least, Math.round(points * part));
  return {
    cuts: share(0.5, 28),
    commits: share(0.2, 9),
    races: share(0.16, 8),
    upstreams: share(0.1, 8),
    pauses: share(0.04, 4),
  };
}

async function killing(cluster: Cluster, { kills: wanted, say }: FaultsOptions) {
  const { stage, close } = await openStage(await cluster.ground("kills"));
  const points: Record<string, number> = {};
  const seconds: Record<string, number> = {};
  const timed = async (name: string, work: Promise<number>): Promise<void> => {
    const since = performance.now();
    points[name] = await work;
    seconds[name] = Math.round((performance.now() - since) / 100) / 10;
  };
  say("killing servers ...");
  await timed("server killed", kills(stage, { points: Math.max(14, Math.round(wanted * 0.7)), atOnce: 3 }));
  await timed("server stopped", stops(stage, { points: Math.max(2, Math.round(wanted * 0.05)), atOnce: 2 }));
  say("killing postgres ...");
  await timed(
    "postgres killed",
    crashes(stage, { points: Math.max(7, Math.round(wanted * 0.25)), atOnce: 1 }, cluster),
  );
  const loaded = await load(stage, Math.max(2, Math.round(wanted * 0.02)), cluster);
  const audited = await close();
  const report = { ...audited, points: { ...points, "postgres killed under load": loaded.crashes }, seconds };
  say(line("killed", report));
  return { ...report, slowestRecoveryMs: loaded.slowestRecoveryMs };
}

/** Each planted bug must show as a violation. Two at a time. */
async function hunt(cluster: Cluster, say: (line: string) => void): Promise<Record<string, string>> {
  const caught: Record<string, string> = {};
  const left = [...bugs.entries()];
  const hand = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [at, bug] = next;
      caught[bug.name] = await hunted(cluster, bug, at);
      say(
        `  ${isCaught(caught[bug.name] ?? "") ? "caught" : "MISSED"}  ${bug.name}: ${caught[bug.name]?.slice(0, 120)}`,
      );
    }
  };
  say("planting bugs ...");
  await Promise.all([hand(), hand(), hand()]);
  return caught;
}

function isCaught(found: string): boolean {
  return found !== "" && !found.startsWith("cannot be judged");
}

/** What gave the bug away; empty where nothing did. */
async function hunted(cluster: Cluster, bug: Bug, at: number): Promise<string> {
  const size = { cuts: 28, commits: 18, races: 8, upstreams: 8, pauses: 2 }[bug.found];
  const report = await inChild(
    {
      ground: await cluster.ground(`bug_${at}`),
      sizes: { [bug.found]: size },
      atOnce: 28,
      stopsAtFirst: true,
    },
    bug.name,
  );
  if (typeof report === "string") return report === "" ? "" : `cannot be judged: ${report}`;
  return firstLine(report.violations) ?? "";
}

function firstLine(violations: Violations): string | undefined {
  for (const [kind, lines] of Object.entries(violations)) if (lines.length > 0) return `${kind}: ${lines[0]}`;
  return undefined;
}

function pointsOf({ sizes }: CoreOptions): number {
  return Object.values(sizes).reduce((sum, size) => sum + size, 0);
}

/** A run in a process of its own; a string says what it fell over. */
async function inChild(options: CoreOptions, bug?: string): Promise<CoreReport | string> {
  const plant = fileURLToPath(new URL("plant.ts", import.meta.url));
  const child = fork(fileURLToPath(new URL("core.ts", import.meta.url)), [], {
    execArgv: bug === undefined ? [] : ["--import", plant],
    env: { ...process.env, ...(bug === undefined ? {} : { FAULTS_BUG: bug }) },
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), longestCoreMs + longestPointMs * pointsOf(options));
  const ended = once(child, "exit").then(([code, signal]) => `it ended with ${signal ?? code}`);
  const told = once(child, "message").then(([message]) => message as CoreReport & { fell?: string });
  child.send(options);
  const report = await Promise.race([told, ended]);
  clearTimeout(timer);
  await ended;
  return typeof report === "string" ? report : (report.fell ?? report);
}

function line(
  name: string,
  { violations, actions, effects, unknown, resolved, ...rest }: Audited & { seconds?: object },
): string {
  const { points, seconds } = rest as { points?: object; seconds?: object };
  return `${name}: ${JSON.stringify(points ?? {})} in ${JSON.stringify(seconds ?? {})} s; ${actions} actions, ${effects} effects, ${resolved}/${unknown} unknowns resolved, ${total(violations)} violations ${firstLine(violations) ?? ""}`;
}

function summed(
  options: FaultsOptions,
  started: number,
  parts: readonly Audited[],
  more: Pick<FaultsReport, "points" | "slowestRecoveryMs" | "disk" | "caught">,
): FaultsReport {
  const sum = (of: (part: Audited) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const count = (kind: keyof Violations): number => sum((part) => part.violations[kind].length);
  const violations = {
    duplicates: count("duplicates"),
    withoutIntent: count("withoutIntent"),
    lost: count("lost"),
    chain: count("chain"),
    untrue: count("untrue"),
  };
  const caught = Object.values(more.caught).filter(isCaught).length;
  const none = Object.values(violations).every((number) => number === 0);
  return {
    machine: { cpus: cpus().length, model: cpus()[0]?.model, memory: totalmem(), os: release(), node: process.version },
    seconds: Math.round((performance.now() - started) / 1000),
    violations,
    examples: parts.flatMap((part) => Object.values(part.violations).flat() as string[]).slice(0, 20),
    actions: sum((part) => part.actions),
    effects: sum((part) => part.effects),
    unknown: sum((part) => part.unknown),
    resolved: sum((part) => part.resolved),
    ...more,
    bugs: { planted: bugs.length, caught },
    holds: none && caught === bugs.length && options.points >= 0,
  };
}
