import { percentile, round } from "./distribution.ts";
import { atMost, type Figure } from "./figure.ts";
import { type Amount, type LoadGenerator, type Upstream, withGate } from "./setup.ts";

const perSecond = 500;
const rounds = 4;
const callsPerRound = 2_000;
const targets = { reads: { p50: 2, p99: 10 }, writes: { p50: 4, p99: 15 } } as const;

/** What the gate adds at a fixed rate: direct and governed calls in turns, and the percentiles of both compared. */
export async function measureLatency(upstream: Upstream, load: LoadGenerator, amount: Amount): Promise<Figure[]> {
  return withGate({ decide: "stub", checks: false, upstream: upstream.ready.url }, async (gate) => {
    const direct = { ...upstream.ready, key: "none" };
    const run = async (target: typeof direct, kind: "reads" | "writes", calls: number) =>
      (
        await load.run({
          target,
          writesInTen: kind === "reads" ? 0 : 10,
          callers: 0,
          calls: amount.of(calls),
          perSecond,
        })
      )[kind];
    const figures: Figure[] = [];
    for (const kind of ["reads", "writes"] as const) {
      await load.run({
        target: gate.ready,
        writesInTen: kind === "reads" ? 0 : 10,
        callers: 32,
        calls: amount.of(4_000),
      });
      await run(gate.ready, kind, 1_000);
      await run(direct, kind, 1_000);
      const bare: number[] = [];
      const governed: number[] = [];
      for (let i = 0; i < rounds; i++) {
        bare.push(...(await run(direct, kind, callsPerRound)));
        governed.push(...(await run(gate.ready, kind, callsPerRound)));
      }
      for (const [name, share] of [
        ["p50", 0.5],
        ["p99", 0.99],
      ] as const) {
        const [without, within] = [percentile(bare, share), percentile(governed, share)];
        figures.push({
          name: `added latency at ${perSecond} calls/s, ${kind}, ${name}`,
          value: round(within - without),
          unit: "ms",
          target: atMost(targets[kind][name]),
          note: `${round(within)} ms through the gate, ${round(without)} ms without it; ${governed.length} calls each, in ${rounds} turns`,
        });
      }
    }
    return figures;
  });
}
