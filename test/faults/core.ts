// One run of the schedules that need no process of their own, in a child: with `--import plant.ts` the product in it
// has a planted bug.
import type { Audited } from "./audit.ts";
import type { Ground } from "./environment.ts";
import { type ScenarioName, scenarios } from "./scenarios.ts";
import { openStage } from "./stage.ts";

export interface CoreOptions {
  readonly ground: Ground;
  readonly sizes: Readonly<Partial<Record<ScenarioName, number>>>;
  readonly atOnce: number;
  /** Ends at the first scenario that shows a violation. */
  readonly stopsAtFirst?: boolean;
}

export interface CoreReport extends Audited {
  readonly points: Readonly<Record<string, number>>;
  readonly seconds: Readonly<Record<string, number>>;
}

export async function runCore(options: CoreOptions): Promise<CoreReport> {
  const { stage, isBad, close } = await openStage(options.ground);
  const points: Record<string, number> = {};
  const seconds: Record<string, number> = {};
  for (const [name, size] of Object.entries(options.sizes) as [ScenarioName, number][]) {
    const since = performance.now();
    points[name] = await scenarios[name](stage, { points: size, atOnce: options.atOnce });
    seconds[name] = Math.round((performance.now() - since) / 100) / 10;
    if (options.stopsAtFirst === true && (await isBad())) break;
  }
  return { ...(await close()), points, seconds };
}

if (process.send !== undefined && process.argv[1]?.endsWith("core.ts") === true) {
  process.once("message", (options) => {
    runCore(options as CoreOptions).then(
      (report) => process.send?.(report, () => process.exit(0)),
      (thrown: unknown) => process.send?.({ fell: String((thrown as Error).stack) }, () => process.exit(1)),
    );
  });
}
