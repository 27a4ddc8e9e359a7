import type { DecisionInput, Json, JsonObject } from "@countersign/contract";
import type { Outcome } from "../decide.ts";
import type { Needs } from "../needs.ts";
import { stepOf } from "../step-of.ts";
import type { WindowFacts } from "./windows-of.ts";

export interface Told {
  readonly input: DecisionInput;
  /** Policies for which nobody knows any more what they would have been told. */
  readonly untold: readonly string[];
}

/** A stored input with what other policies would have had gathered, in place of what was gathered under their names. */
export function withTold(
  input: DecisionInput,
  { asked, steps }: Needs,
  windows: WindowFacts | undefined,
  stored: { readonly args: JsonObject; readonly before?: Json },
): Told {
  const { facts } = input;
  const names = new Set([...asked, ...steps].map(({ name }) => name));
  const untold: string[] = windows === undefined ? asked.map(({ name }) => name) : [];
  const moved: { [policy: string]: number } = {};
  for (const step of steps) {
    if (stored.before === undefined) untold.push(step.name);
    const size = stepOf(step, stored.args, stored.before);
    if (size !== undefined) moved[step.name] = size;
  }
  const told = {
    ...facts,
    counts: { ...without(facts.counts, names), ...windows?.counts },
    ...(asked.length === 0 && facts.sums === undefined
      ? {}
      : { sums: { ...without(facts.sums, names), ...windows?.sums } }),
    ...(asked.length === 0 && facts.formerly === undefined
      ? {}
      : { formerly: otherwise(facts.formerly, names, windows?.formerly) }),
    ...(asked.length === 0 && facts.previous === undefined
      ? {}
      : { previous: otherwise(facts.previous, names, windows?.previous) }),
    ...(steps.length === 0 && facts.steps === undefined ? {} : { steps: { ...without(facts.steps, names), ...moved } }),
  };
  return { input: { ...input, facts: told }, untold };
}

function without(
  facts: { readonly [name: string]: number } = {},
  names: ReadonlySet<string>,
): { [name: string]: number } {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => !names.has(name)));
}

function otherwise(
  ids: readonly string[] = [],
  names: ReadonlySet<string>,
  told: readonly string[] = [],
): readonly string[] {
  return [...ids.filter((name) => !names.has(name)), ...told].sort();
}

/** Policies of a set that counts nothing otherwise, whose number an input of an earlier set does not hold. */
export function notGathered({ facts }: DecisionInput, { asked, steps }: Needs): readonly string[] {
  const has = (members: object | undefined, name: string): boolean =>
    members !== undefined && Object.hasOwn(members, name);
  return [
    ...asked.filter(({ kind, name }) => {
      if (kind === "count") return !has(facts.counts, name);
      // Where nothing was looked for it is not known either, and no sum without an amount is told from none.
      return kind === "sum" ? !has(facts.sums, name) : facts[kind] === undefined;
    }),
    ...steps.filter(({ name }) => !has(facts.steps, name)),
  ].map(({ name }) => name);
}

/** Whether an outcome rests on policies that were not told what they ask for. */
export function restsOn({ errors, determining }: Outcome, untold: readonly string[]): boolean {
  return untold.some(
    (name) => determining.some(({ id }) => id === name) || errors.some((error) => error.startsWith(`${name}: `)),
  );
}
