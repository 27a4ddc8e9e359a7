import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startChild } from "./child.ts";
import { median, round } from "./distribution.ts";
import { atMost, type Figure } from "./figure.ts";
import type { GateReady } from "./gate.ts";
import { treeOf } from "./processes.ts";
import { ranAs, start } from "./program.ts";
import { type Amount, type LoadGenerator, newFolder, type Upstream } from "./setup.ts";
import { server, writeWorkspace } from "./workspace.ts";

const runs = 3;

/** Starts, and what it takes to serve again after everything was killed under load. */
export async function measureStarts(upstream: Upstream, load: LoadGenerator, amount: Amount): Promise<Figure[]> {
  const first: number[] = [];
  const warm: number[] = [];
  for (let i = 0; i < (amount.quick ? 1 : runs); i++) {
    const folder = newFolder();
    writeWorkspace(join(folder, "workspace"), upstream.ready.url);
    for (const times of [first, warm]) {
      const started = await start(folder);
      times.push(started.seconds);
      await started.stop();
    }
    rmSync(folder, { recursive: true, force: true });
  }
  const folder = newFolder();
  const gate = await startChild<GateReady>("gate.ts", {
    folder,
    upstream: upstream.ready.url,
    decide: "real",
    checks: true,
  });
  const { key } = gate.ready;
  await gate.close();
  const kill = async (what: "server" | "all"): Promise<number> => {
    const started = await start(folder);
    const target = { url: `${started.url}/mcp/${server}`, key };
    await load.run({ target, writesInTen: 5, callers: 8, calls: 100 });
    const broken = load.run({ target, writesInTen: 5, callers: 16, calls: 1_000_000 }).catch(() => undefined);
    await sleep(1_000);
    const began = performance.now();
    const { pid = 0 } = started.process;
    for (const one of what === "all" ? treeOf(pid) : [{ pid }]) process.kill(one.pid, "SIGKILL");
    await broken;
    const again = await start(folder);
    const next = { url: `${again.url}/mcp/${server}`, key };
    await load.run({ target: next, writesInTen: 10, callers: 1, calls: 1 });
    const seconds = (performance.now() - began) / 1000;
    await again.stop();
    return seconds;
  };
  const server9: number[] = [];
  const all9: number[] = [];
  for (let i = 0; i < (amount.quick ? 1 : runs); i++) {
    server9.push(await kill("server"));
    all9.push(await kill("all"));
  }
  rmSync(folder, { recursive: true, force: true });
  const note = `median of ${first.length}; ${ranAs}`;
  return [
    { name: "first start after install, until ready", value: round(median(first)), unit: "s", target: atMost(8), note },
    { name: "warm start, until ready", value: round(median(warm)), unit: "s", target: atMost(2), note },
    {
      name: "kill -9 of the server under load, until the next write is answered",
      value: round(median(server9)),
      unit: "s",
      target: atMost(10),
      note: "with the restart; PostgreSQL runs on and is adopted",
    },
    {
      name: "kill -9 of the server and of PostgreSQL under load, the same",
      value: round(median(all9)),
      unit: "s",
      target: atMost(10),
      note: "with the restart and the recovery",
    },
  ];
}
