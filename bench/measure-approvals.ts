import { setTimeout as sleep } from "node:timers/promises";
import { percentile, round } from "./distribution.ts";
import { atMost, type Figure } from "./figure.ts";
import { type Amount, type Upstream, withGate } from "./setup.ts";

const count = 200;

/** From the moment that a person's answer arrives to the moment that the upstream has the call. */
export async function measureApprovals(upstream: Upstream, amount: Amount): Promise<Figure[]> {
  return withGate({ decide: "real", checks: true, upstream: upstream.ready.url }, async (gate) => {
    const times: number[] = [];
    for (let i = 0; i < amount.of(count) + 10; i++) {
      const path = `notes/published-${i}.md`;
      const answered = fetch(`${gate.ready.origin}/v1/actions`, {
        method: "POST",
        headers: { authorization: `Bearer ${gate.ready.key}`, "content-type": "application/json" },
        body: JSON.stringify({ server: "notes", tool: "publish_note", arguments: { path, text: "words", limit: i } }),
      });
      const action = (await (await answered).json()) as {
        readonly id: string;
        readonly state: string;
        readonly sentence: string;
      };
      if (action.state !== "held") throw new Error(`it should be held: ${action.state} ${action.sentence}`);
      const at = await gate.ask<number>("approve", action.id);
      let arrived: number | undefined;
      while (arrived === undefined) {
        await sleep(5);
        arrived = (await upstream.ask<{ readonly at?: number }>("arrival", path)).at;
      }
      if (i >= 10) times.push(arrived - at);
    }
    return [
      { name: "approval to execution, p50", value: round(percentile(times, 0.5), 1), unit: "ms" },
      {
        name: "approval to execution, p99",
        value: round(percentile(times, 0.99), 1),
        unit: "ms",
        target: atMost(50),
        note: `from the answer's arrival to the call's arrival at the upstream; decisions by Cedar, checks on, ${times.length} approvals one after the other`,
      },
    ];
  });
}
