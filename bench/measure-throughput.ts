import { median, percentile, round } from "./distribution.ts";
import { atLeast, type Figure } from "./figure.ts";
import { cpuOfTree } from "./processes.ts";
import { type Amount, type LoadGenerator, type Upstream, withGate } from "./setup.ts";
import type { SpentParts } from "./spent.ts";
import type { Switches } from "./switches.ts";

const callers = 64;
const runs = 3;

const settings: readonly (Switches & { readonly name: string; readonly target: number; readonly calls: number })[] = [
  { name: "decisions by Cedar, checks on", decide: "real", checks: true, target: 600, calls: 5_000 },
  { name: "decisions stubbed, checks on", decide: "stub", checks: true, target: 1_200, calls: 8_000 },
  { name: "decisions stubbed, checks off", decide: "stub", checks: false, target: 2_000, calls: 12_000 },
];

/** Governed calls a second over MCP, closed loop, two writes in ten. */
export async function measureThroughput(upstream: Upstream, load: LoadGenerator, amount: Amount): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const setting of settings) {
    const rows = await withGate({ ...setting, upstream: upstream.ready.url }, async (gate) => {
      const run = (calls: number) => load.run({ target: gate.ready, writesInTen: 2, callers, calls: amount.of(calls) });
      await run(setting.calls);
      await gate.ask("spent");
      const rows = [];
      for (let i = 0; i < runs; i++) {
        const before = cpuOfTree(gate.pid);
        const measured = await run(setting.calls);
        rows.push({ measured, cpu: cpuOfTree(gate.pid) - before, spent: await gate.ask<SpentParts>("spent") });
      }
      return rows;
    });
    const of = (pick: (row: (typeof rows)[number]) => number): number => median(rows.map(pick));
    const latency = (share: number): number =>
      of(({ measured }) => percentile([...measured.reads, ...measured.writes], share));
    const perCall = (part: string) => of(({ spent, measured }) => ((spent[part]?.ms ?? 0) * 1000) / measured.calls);
    figures.push(
      {
        name: `calls/s, ${setting.name}`,
        value: round(
          of(({ measured }) => measured.calls / measured.seconds),
          0,
        ),
        unit: "1/s",
        target: atLeast(setting.target),
        note: `median of ${runs} runs of ${amount.of(setting.calls)} calls, ${callers} callers, two writes in ten; p50 ${round(latency(0.5), 1)} ms, p99 ${round(latency(0.99), 1)} ms`,
      },
      {
        name: `CPU of gate and PostgreSQL per call, ${setting.name}`,
        value: round(
          of(({ cpu, measured }) => (cpu * 1e6) / measured.calls),
          0,
        ),
        unit: "µs",
      },
    );
    if (setting.decide === "real")
      figures.push({ name: "time spent deciding per call", value: round(perCall("decide"), 0), unit: "µs" });
    if (setting.checks)
      figures.push({
        name: `time spent checking arguments per call, ${setting.name}`,
        value: round(perCall("check"), 0),
        unit: "µs",
        note: "from beginning to end: other calls have their turn in between",
      });
  }
  return figures;
}
