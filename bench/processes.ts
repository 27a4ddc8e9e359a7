import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks per second that `/proc` counts in; Linux has had 100 on every machine this runs on. */
const ticksPerSecond = 100;

interface Stat {
  readonly parent: number;
  /** Of the process itself, in ticks, user and system. */
  readonly own: number;
  /** Of its children that have ended. */
  readonly ended: number;
}

function stat(pid: number | string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program stands in brackets and may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const at = (index: number): number => Number(fields[index]);
    return { parent: at(1), own: at(11) + at(12), ended: at(13) + at(14) };
  } catch {
    return undefined;
  }
}

/** A process and everything that it has started and that still runs. */
export function treeOf(root: number): readonly { readonly pid: number; readonly ticks: number }[] {
  const all = new Map<number, Stat>();
  for (const name of readdirSync("/proc")) {
    const found = /^\d+$/.test(name) ? stat(name) : undefined;
    if (found !== undefined) all.set(Number(name), found);
  }
  const isUnder = (pid: number): boolean => {
    for (let at = pid; at > 1; at = all.get(at)?.parent ?? 0) if (at === root) return true;
    return false;
  };
  return [...all].filter(([pid]) => isUnder(pid)).map(([pid, one]) => ({ pid, ticks: one.own + one.ended }));
}

/** CPU seconds that a process and everything it has started have used, ended ones too. */
export function cpuOfTree(root: number): number {
  return treeOf(root).reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond;
}

/** Resident memory of one process in megabytes. */
export function residentMb(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(found?.[1] ?? 0) / 1024;
}
