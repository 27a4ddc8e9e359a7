import type { Json } from "@countersign/contract";
import type { Destination, ResultLabels } from "../catalog/index.ts";
import { oneOf, valuesOf } from "./values.ts";
import { saysName, type Words } from "./words.ts";

/** One thing that was looked up by what a person calls it. */
export interface Lookup {
  readonly names: readonly string[];
  /** What its trusted members say. */
  readonly says: ReadonlySet<string>;
  readonly size: number;
}

/** Undefined where nothing was found, or more than one: then whoever told the agent may have said which. */
export function lookupOf(about: readonly Destination[], labels: ResultLabels, result: Json): Lookup | undefined {
  const one = oneOf(result);
  if (about.length === 0 || one === undefined) return undefined;
  const values = valuesOf({ structuredContent: one }, labels).filter(({ integrity }) => integrity === "trusted");
  const names = about.map(({ value }) => String(value));
  // A server may find by a part of a word, in any case, or by what a stranger wrote: a name is one that the thing has.
  if (!names.every((name) => values.some(({ text }) => saysName(text, name)))) return undefined;
  const says = new Set(values.map(({ text }) => text));
  return { names, says, size: [...says].reduce((sum, text) => sum + text.length, 0) };
}

/** Whether a value is what such an answer says, of something that the task calls by its name. */
export function isFoundBy({ names, says }: Lookup, value: string | number, task: Words): boolean {
  return says.has(String(value)) && names.every((name) => task.saysName(name));
}
