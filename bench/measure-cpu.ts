import { startChild } from "./child.ts";
import { median, round } from "./distribution.ts";
import { atMost, type Figure } from "./figure.ts";
import { cpuOfTree } from "./processes.ts";
import { type Amount, type LoadGenerator, startUpstream, withGate } from "./setup.ts";

const rounds = 5;
const calls = 2_000;
const callers = 32;

/** CPU per call against a pass-through proxy on the official SDK, before one upstream on the official SDK, in turns. */
export async function measureCpu(load: LoadGenerator, amount: Amount): Promise<Figure[]> {
  const upstream = await startUpstream("upstream-sdk.ts");
  const proxy = await startChild<{ readonly url: string; readonly key: string }>("proxy-sdk.ts", {
    upstream: upstream.ready.url,
  });
  try {
    return await withGate({ decide: "stub", checks: false, upstream: upstream.ready.url }, async (gate) => {
      const cost = async (one: typeof proxy): Promise<number> => {
        const before = cpuOfTree(one.pid);
        const measured = await load.run({ target: one.ready, writesInTen: 2, callers, calls: amount.of(calls) });
        return ((cpuOfTree(one.pid) - before) * 1e6) / measured.calls;
      };
      for (let i = 0; i < 2; i++) for (const one of [proxy, gate]) await cost(one);
      const rows = [];
      for (let i = 0; i < rounds; i++) rows.push({ proxy: await cost(proxy), gate: await cost(gate) });
      const through = median(rows.map((row) => row.proxy));
      return [
        {
          name: "CPU per governed call, upstream on the official SDK",
          value: round(median(rows.map((row) => row.gate)), 0),
          unit: "µs",
          target: atMost(round(through, 0)),
          note: `gate and PostgreSQL, decisions stubbed, checks off; the target is what the pass-through proxy used in the same run; medians of ${rounds} turns of ${amount.of(calls)} calls, ${callers} callers`,
        },
        {
          name: "the same as a share of the proxy's",
          value: round(median(rows.map((row) => row.gate / row.proxy))),
          unit: "",
          target: atMost(1),
        },
      ];
    });
  } finally {
    await proxy.close();
    await upstream.close();
  }
}
