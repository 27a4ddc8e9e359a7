import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type FlowReport, missedTargets } from "./figures.ts";

/** What is worse than in another report, each as a sentence: a target missed that was met, a session that leaks now. */
export function worseThan(report: FlowReport, before: FlowReport): readonly string[] {
  const leaks = ({ sessions, heldOut }: FlowReport) =>
    [sessions, heldOut["held-out"].sessions, heldOut.tuning.sessions]
      .flat()
      .filter(({ session, end }) => session.kind === "hijacked" && end === "leaked")
      .map(({ session }) => session.name);
  const known = new Set(leaks(before));
  const more = leaks(report).filter((name) => !known.has(name));
  const missedBefore = new Set(missedTargets(before).map(({ target }) => target));
  // Of one round only there is no time to compare, and a leak more is said by its name.
  const others = missedTargets(report).filter(
    ({ target }) => target !== "p99Ms" && target !== "stopped" && !missedBefore.has(target),
  );
  return [
    ...(more.length === 0 ? [] : [`${more.length} more leak, such as \`${more[0]}\``]),
    ...others.map(({ sentence }) => sentence),
  ];
}

/** The report of a replay with one bug planted. */
export async function withBug(bug: string): Promise<FlowReport> {
  const plant = fileURLToPath(new URL("../faults/plant.ts", import.meta.url));
  const script = fileURLToPath(new URL("planted-main.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", plant, script], {
    env: { ...process.env, FAULTS_BUG: bug },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`the replay with \`${bug}\` ended with ${String(code)}`);
  return JSON.parse(told) as FlowReport;
}
