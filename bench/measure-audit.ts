import { rmSync } from "node:fs";
import { startChild } from "./child.ts";
import { median, round } from "./distribution.ts";
import { atLeast, type Figure } from "./figure.ts";
import { cpuOfTree } from "./processes.ts";
import { type Amount, newFolder } from "./setup.ts";

const runs = 3;
const calls = 20_000;
const callers = 128;

/** The audit layer alone: two durable entries for each call, both waited for. */
export async function measureAudit(amount: Amount): Promise<Figure[]> {
  const folder = newFolder();
  const audit = await startChild("audit.ts", { folder });
  try {
    const run = () => audit.ask<number>("run", { calls: amount.of(calls), callers });
    await run();
    const rates: number[] = [];
    const before = cpuOfTree(audit.pid);
    for (let i = 0; i < runs; i++) rates.push(await run());
    const cpu = ((cpuOfTree(audit.pid) - before) * 1e6) / (runs * amount.of(calls));
    return [
      {
        name: "audit layer alone, calls/s",
        value: round(median(rates), 0),
        unit: "1/s",
        target: atLeast(4_000),
        note: `intent of 1 KB and outcome of half a KB, sealed, chained, each durable before the next step; median of ${runs} runs of ${amount.of(calls)}, ${callers} callers; ${round(cpu, 0)} µs of CPU a call with PostgreSQL`,
      },
    ];
  } finally {
    await audit.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
