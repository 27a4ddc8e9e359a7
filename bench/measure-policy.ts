import { startChild } from "./child.ts";
import { median, percentile, round } from "./distribution.ts";
import { atMost, type Figure } from "./figure.ts";
import type { Amount } from "./setup.ts";

const times = 50_000;

/** The policy engine without a gate around it: deciding, digesting, and from a changed text to a set that decides. */
export async function measurePolicy(amount: Amount): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const policies of [1_000, 10_000]) figures.push(...(await measureSet(amount, policies)));
  return figures;
}

async function measureSet(amount: Amount, policies: number): Promise<Figure[]> {
  const engine = await startChild("policy.ts");
  try {
    const compiled = await engine.ask<{ seconds: number; policies: number }>("compile", policies);
    const decided = async () =>
      engine.ask<{ took: number[]; allowed: number; bytes: number }>("decide", { policies, times: amount.of(times) });
    await decided();
    const { took, allowed, bytes } = await decided();
    if (allowed !== took.length) throw new Error(`${took.length - allowed} decisions were not what they should be`);
    const note = `${took.length} decisions after as many, an input of ${bytes} bytes, ${compiled.policies} policies with those that ship`;
    const figures: Figure[] = [
      {
        name: `decision, ${policies} policies, p50`,
        value: round(median(took), 1),
        unit: "µs",
        target: atMost(25),
        note,
      },
      {
        name: `decision, ${policies} policies, p99`,
        value: round(percentile(took, 0.99), 1),
        unit: "µs",
        target: atMost(250),
        note,
      },
      { name: `compile a whole set, ${policies} policies`, value: round(compiled.seconds), unit: "s" },
    ];
    if (policies > 1_000) return figures;
    const digests = await engine.ask<number[]>("digest", amount.of(times));
    const changes: number[] = [];
    for (const changed of ["x", "xx", "xxx"]) changes.push(await engine.ask<number>("change", { policies, changed }));
    return [
      ...figures,
      {
        name: `canonical form and digest of an input of ${bytes} bytes`,
        value: round(median(digests), 1),
        unit: "µs",
        target: atMost(60),
        note: "median",
      },
      {
        name: `one policy of ${policies} changed, until the set decides`,
        value: round(median(changes)),
        unit: "s",
        target: atMost(1),
        note: "compiled in a worker, median of 3; the notice to replicas is not in it",
      },
    ];
  } finally {
    await engine.close();
  }
}
