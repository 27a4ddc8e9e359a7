import type { Failed } from "./test-report.ts";

export interface Run {
  /** How vitest ended. */
  readonly code: number;
  readonly failed: readonly Failed[];
}

/** So many files may fail and be asked once more; where more do, it is no accident. */
export const mostAgain = 3;

export interface Outcome {
  /** What failed, and why it was not asked again or failed again. */
  readonly failures: readonly string[];
  /** What failed in the whole and passed by itself: a finding, too. */
  readonly unsteady: readonly string[];
}

/** Runs all, and then once more the few files that failed, by themselves. */
export async function askAgain(
  run: (files: readonly string[]) => Promise<Run>,
  all: readonly string[],
): Promise<Outcome> {
  const { code, failed } = await run(all);
  if (code === 0) return { failures: [], unsteady: [] };
  const told = failed.flatMap((one) => one.told);
  // 1 is what vitest says of tests that failed; whatever else ended it is no test's doing.
  if (code !== 1 || failed.length === 0 || failed.length > mostAgain)
    return { failures: [`vitest ended with ${code}`, ...told], unsteady: [] };
  const again = await run(failed.map(({ file }) => file));
  if (again.code === 0) return { failures: [], unsteady: told };
  const toldAgain = again.failed.flatMap((one) => one.told).map((one) => `once more: ${one}`);
  return {
    failures: [`vitest ended with ${code}, and with ${again.code} once more`, ...told, ...toldAgain],
    unsteady: [],
  };
}
