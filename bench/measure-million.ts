import { rmSync } from "node:fs";
import { median, percentile, round } from "./distribution.ts";
import { atLeast, atMost, type Figure } from "./figure.ts";
import type { Filled } from "./fill.ts";
import type { Target } from "./load.ts";
import { residentMb } from "./processes.ts";
import { ranAs, start } from "./program.ts";
import { type Amount, type LoadGenerator, newFolder, type Upstream, untilQuiet, withGate } from "./setup.ts";
import { server } from "./workspace.ts";

const runs = 3;
const calls = 8_000;
const asked = 300;

/** The same gate on a store with a million finished actions and, beside it, on an empty one. */
export async function measureMillion(upstream: Upstream, load: LoadGenerator, amount: Amount): Promise<Figure[]> {
  const folder = newFolder();
  const options = { decide: "stub", checks: false, upstream: upstream.ready.url } as const;
  const { key, figures } = await withGate(
    options,
    async (gate) => {
      const rate = async (target: Target, count: number): Promise<number> => {
        const measured = await load.run({ target, writesInTen: 2, callers: 64, calls: amount.of(count) });
        return measured.calls / measured.seconds;
      };
      await rate(gate.ready, calls);
      const stored = amount.of(1_000_000);
      const filled = await gate.ask<Filled>("fill", stored);
      await untilQuiet(amount);
      const rates: { readonly full: number; readonly empty: number }[] = [];
      await withGate(options, async (other) => {
        for (const one of [gate, other]) await rate(one.ready, calls);
        for (let i = 0; i < runs; i++)
          rates.push({ full: await rate(gate.ready, calls), empty: await rate(other.ready, calls) });
      });
      const full = median(rates.map((one) => one.full));
      const empty = median(rates.map((one) => one.empty));
      const ids = await gate.ask<readonly string[]>("some", amount.of(asked) * 2);
      const headers = { authorization: `Bearer ${gate.ready.person}`, accept: "application/json" };
      const time = async (path: string, holds?: RegExp): Promise<number> => {
        const began = performance.now();
        const answer = await fetch(gate.ready.origin + path, { headers });
        const text = await answer.text();
        const ms = performance.now() - began;
        if (!answer.ok || holds?.test(text) === false) throw new Error(`${path} answered ${answer.status}: ${text}`);
        return ms;
      };
      const receipts: number[] = [];
      const lists: number[] = [];
      for (const id of ids.slice(0, amount.of(asked))) {
        receipts.push(await time(`/v1/receipts/${id}`));
        lists.push(await time("/v1/actions?workflow=bench&limit=50"));
      }
      const lookups: number[] = [];
      const pasted = await gate.ask<readonly string[]>("pasted", amount.of(asked) * 2);
      for (const q of pasted.slice(0, amount.of(asked)))
        lookups.push(await time(`/v1/lookup?q=${encodeURIComponent(q)}`, /"id":"act_/));
      const common: number[] = [];
      for (const q of ["runner notes.read_note", "fox dog zebra", "notes.read_note", "bench sandbox quick fox"])
        common.push(await time(`/v1/lookup?q=${encodeURIComponent(q)}`));
      const figures: Figure[] = [
        {
          name: `throughput with ${stored.toLocaleString("en")} actions stored, as a share of that of an empty store`,
          value: round(median(rates.map((one) => one.full / one.empty))),
          unit: "",
          target: atLeast(0.9),
          note: `${round(full, 0)} and ${round(empty, 0)} calls/s, medians of ${runs} runs of ${amount.of(calls)}, in turns; filled through the ledger's own writer in ${round(filled.fillSeconds, 0)} s, in the signed tree after ${round(filled.logSeconds, 0)} s`,
        },
        {
          name: "receipt by id, p95",
          value: round(percentile(receipts, 0.95), 1),
          unit: "ms",
          target: atMost(20),
          note: `${receipts.length} random actions over HTTP; p50 ${round(median(receipts), 1)} ms`,
        },
        {
          name: "last 50 of a workflow, p95",
          value: round(percentile(lists, 0.95), 1),
          unit: "ms",
          target: atMost(50),
          note: `${lists.length} times over HTTP; p50 ${round(median(lists), 1)} ms`,
        },
        {
          name: "paste a target, p95",
          value: round(percentile(lookups, 0.95), 1),
          unit: "ms",
          target: atMost(2_000),
          note: `${lookups.length} targets, addresses, file names, tickets in a sentence and several words of random actions, each over HTTP and each found; p50 ${round(median(lookups), 1)} ms, longest ${round(Math.max(...lookups), 0)} ms; words that nearly every action has, or no action: longest ${round(Math.max(...common), 0)} ms; indexed ${round(filled.indexSeconds, 0)} s after the filling began`,
        },
      ];
      return { key: gate.ready.key, figures };
    },
    folder,
  );
  figures.push(await measureMemory(folder, key, load, amount));
  rmSync(folder, { recursive: true, force: true });
  return figures;
}

/** The whole product, nothing left out, on that same store. */
async function measureMemory(folder: string, key: string, load: LoadGenerator, amount: Amount): Promise<Figure> {
  const started = await start(folder);
  const target = { url: `${started.url}/mcp/${server}`, key };
  await load.run({ target, writesInTen: 2, callers: 64, calls: amount.of(10_000) });
  const memory = residentMb(started.process.pid ?? 0);
  await started.stop();
  return {
    name: "memory of the server, besides PostgreSQL",
    value: round(memory, 0),
    unit: "MB",
    target: atMost(300),
    note: `resident, on that store after ${amount.of(10_000)} calls decided by Cedar and checked; ${ranAs}; ready ${round(started.seconds, 1)} s after the command`,
  };
}
