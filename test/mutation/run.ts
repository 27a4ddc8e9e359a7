import { Copy } from "./copy.ts";
import { coverageOf } from "./coverage.ts";
import type { Mutant } from "./mutants.ts";
import { type Bounds, type Tried, tryMutants } from "./try-mutants.ts";

export interface Run {
  readonly root: string;
  /** Files that note what is reached in them. */
  readonly scope: readonly string[];
  readonly mutants: readonly Mutant[];
  readonly tests: readonly string[];
  readonly workers: number;
  readonly bounds: Bounds;
  /** A folder in which what tests reach is kept. */
  readonly cache: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly progress: (line: string) => void;
  readonly tried: (one: Tried) => void;
}

/** What became of each mutant that there was time for, in their order. The project itself is only read. */
export async function run(told: Run): Promise<readonly Tried[]> {
  const { root, scope, mutants, tests, environment, cache, progress } = told;
  const copies: Copy[] = [];
  const removeAll = () => Promise.all(copies.map((copy) => copy.remove()));
  const stop = () => void removeAll().then(() => process.exit(130));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    const first = new Copy(root, environment);
    copies.push(first);
    const coverage = await coverageOf(first, scope, tests, { cache, progress });
    while (copies.length < Math.min(told.workers, mutants.length)) copies.push(new Copy(root, environment));
    const results = new Map<Mutant, Tried>();
    await Promise.all(
      copies.map((copy, at) =>
        tryMutants(
          copy,
          mutants.filter((_, index) => index % copies.length === at),
          scope,
          coverage,
          {
            ...told.bounds,
            tried: (one) => {
              results.set(one.mutant, one);
              told.tried(one);
            },
          },
        ),
      ),
    );
    return mutants.flatMap((mutant) => results.get(mutant) ?? []);
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    await removeAll();
  }
}
