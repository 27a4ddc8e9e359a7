import { median, round } from "./distribution.ts";
import { atMost, type Figure } from "./figure.ts";
import type { Filled } from "./fill.ts";
import type { Simulated } from "./gate.ts";
import { type Amount, type LoadGenerator, type Upstream, untilQuiet, withGate } from "./setup.ts";

const runs = 3;
const decisions = 100_000;

/** `policy simulate`: stored decisions read from the ledger, opened, and decided again by the set in force and by a draft. */
export async function measureSimulate(upstream: Upstream, load: LoadGenerator, amount: Amount): Promise<Figure[]> {
  return withGate({ decide: "real", checks: true, upstream: upstream.ready.url }, async (gate) => {
    await load.run({ target: gate.ready, writesInTen: 0, callers: 1, calls: 1 });
    const stored = amount.of(decisions);
    await gate.ask<Filled>("repeat", stored);
    await untilQuiet(amount);
    const simulate = () => gate.ask<Simulated>("simulate", stored);
    const all: Simulated[] = [];
    for (let i = 0; i < runs; i++) all.push(await simulate());
    for (const { replayed, same, denied } of all)
      if (replayed !== stored || same !== stored || denied !== stored)
        throw new Error(`of ${stored} decisions ${replayed} were replayed, ${same} as stored, ${denied} newly denied`);
    const of = (stage: (one: Simulated) => number): number => round(median(all.map(stage)) / 1000);
    return [
      {
        name: `policy simulate, ${stored.toLocaleString("en")} stored decisions`,
        value: round(median(all.map((one) => one.seconds))),
        unit: "s",
        target: atMost(5),
        note: `by two threads, whose seconds are added: sealed entries read and opened (${of((one) => one.took.readMs)} s), each decided by the set in force and compared with what was stored (${of((one) => one.took.reproduceMs)} s) and by a draft (${of((one) => one.took.evaluateMs)} s); the draft compiled in ${of((one) => one.compileMs)} s; median of ${runs}`,
      },
    ];
  });
}
