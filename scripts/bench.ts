import { writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { parseArgs } from "node:util";
import type { Figure } from "../bench/figure.ts";
import { measureApprovals } from "../bench/measure-approvals.ts";
import { measureAudit } from "../bench/measure-audit.ts";
import { measureConsole } from "../bench/measure-console.ts";
import { measureCpu } from "../bench/measure-cpu.ts";
import { measureLatency } from "../bench/measure-latency.ts";
import { measureMillion } from "../bench/measure-million.ts";
import { measurePolicy } from "../bench/measure-policy.ts";
import { measureSimulate } from "../bench/measure-simulate.ts";
import { measureStarts } from "../bench/measure-starts.ts";
import { measureThroughput } from "../bench/measure-throughput.ts";
import { full, quick, scaled, startLoad, startUpstream } from "../bench/setup.ts";
import { lineOf, tableOf, writeInto } from "../bench/table.ts";

/** `npm run bench -- [--json FILE] [--only PART,…] [--write] [--quick] [--scale 0.2]`: measures, prints, writes; it judges nothing by itself. */
const { values } = parseArgs({
  options: {
    json: { type: "string" },
    only: { type: "string" },
    write: { type: "boolean" },
    quick: { type: "boolean" },
    scale: { type: "string" },
  },
});
const amount = values.quick === true ? quick : values.scale === undefined ? full : scaled(Number(values.scale));
const upstream = await startUpstream();
const load = await startLoad();
const parts: { readonly [name: string]: () => Promise<readonly Figure[]> } = {
  starts: () => measureStarts(upstream, load, amount),
  audit: () => measureAudit(amount),
  throughput: () => measureThroughput(upstream, load, amount),
  latency: () => measureLatency(upstream, load, amount),
  cpu: () => measureCpu(load, amount),
  policy: () => measurePolicy(amount),
  simulate: () => measureSimulate(upstream, load, amount),
  approvals: () => measureApprovals(upstream, amount),
  console: () => measureConsole(upstream, amount),
  million: () => measureMillion(upstream, load, amount),
};
const wanted = values.only?.split(",") ?? Object.keys(parts);
const figures: Figure[] = [];
const loadBefore = loadavg()[0] ?? 0;
const started = performance.now();
for (const name of wanted) {
  const measure = parts[name];
  if (measure === undefined)
    throw new Error(`there is no part \`${name}\`; these are: ${Object.keys(parts).join(", ")}`);
  const from = performance.now();
  try {
    for (const figure of await measure()) {
      figures.push(figure);
      console.log(lineOf(figure));
    }
  } catch (thrown) {
    // What the other parts have measured is not lost.
    console.error(`  ${name} could not be measured:`, thrown);
    process.exitCode = 1;
  }
  console.log(`  (${name}: ${Math.round((performance.now() - from) / 1000)} s)`);
}
await load.close();
await upstream.close();
const [cpu] = cpus();
const machine = {
  at: new Date().toISOString(),
  cores: cpus().length,
  cpu: cpu?.model ?? "unknown",
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${release()} ${process.arch}`,
  node: process.version,
  loadBefore: Number(loadBefore.toFixed(2)),
  seconds: Math.round((performance.now() - started) / 1000),
};
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
if (values.write === true) writeInto("BENCH.md", tableOf(machine, figures));
