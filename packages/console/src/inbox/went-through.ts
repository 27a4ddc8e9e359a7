import { count } from "../parts/machine.tsx";

/** How many of a workflow's actions nobody looked at, those included that passed because a rule is only observed. */
export function wentThrough({
  alone,
  observed,
  actions,
}: {
  readonly alone: number;
  readonly observed: number;
  readonly actions: number;
}): string {
  const words = `${count(alone + observed)} of ${count(actions)} actions passed and nobody was asked`;
  return observed === 0 ? words : `${words}, ${count(observed)} of them because a rule is only observed`;
}
