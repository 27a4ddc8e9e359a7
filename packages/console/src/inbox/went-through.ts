import { count } from "../parts/machine.tsx";

/** How many of a workflow's actions nobody looked at, with those that passed because somebody only observes. */
export function wentThrough({
  alone,
  observed,
  actions,
}: {
  readonly alone: number;
  readonly observed: number;
  readonly actions: number;
}): string {
  const words = `${count(alone + observed)} of ${count(actions)} actions went through without a person`;
  return observed === 0 ? words : `${words}, ${count(observed)} of them because a rule is only observed`;
}
