import type { Batch } from "@countersign/client";

/** What all of a batch have in common: the batch stays the same one, whoever comes or goes. */
export function kindOf({ workflow, server, tool, verb, environment, paths, shape, risk, items }: Batch): string {
  const asked = items[0]?.requirements.map((one) => [one.kind, one.policy, one.policyDigest]);
  return JSON.stringify([workflow, server, tool, verb, environment, paths, shape, risk, asked]);
}

interface Named {
  readonly id: string;
  readonly shownDigest?: string | undefined;
}

/** Whether everything that was answered still waits as it was shown. */
export function isAsShown(answered: readonly Named[], now: readonly Pick<Batch, "items">[]): boolean {
  const shown = new Map(now.flatMap(({ items }) => items).map(({ id, shownDigest }) => [id, shownDigest]));
  return answered.every(({ id, shownDigest }) => shown.has(id) && shown.get(id) === shownDigest);
}
