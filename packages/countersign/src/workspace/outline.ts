import { z } from "zod";
import type { Path } from "./finding.ts";

/** A published JSON Schema, as far as errors need it. */
export interface Outline {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: { readonly [key: string]: Outline };
  readonly additionalProperties?: Outline | boolean;
  readonly items?: Outline;
  readonly anyOf?: readonly Outline[];
  readonly oneOf?: readonly Outline[];
  readonly allOf?: readonly Outline[];
}

/** The schema of a file as its author writes it: what errors explain and what editors read are one text. */
export function outlineOf(schema: z.ZodType): Outline {
  return z.toJSONSchema(schema, {
    io: "input",
    target: "draft-2020-12",
    reused: "inline",
    unrepresentable: "any",
  }) as Outline;
}

/** What the schema says of one place; several where it leaves a choice that the value does not settle. */
export function outlinesAt(outline: Outline, value: unknown, path: Path): readonly Outline[] {
  let here: { readonly outline: Outline; readonly value: unknown }[] = [{ outline, value }];
  for (const step of path) {
    here = here.flatMap(({ outline: each, value: held }) =>
      branches(each, held).flatMap((branch) => {
        const next = typeof step === "number" ? branch.items : memberOf(branch, step);
        return next === undefined ? [] : [{ outline: next, value: memberValue(held, step) }];
      }),
    );
  }
  return here.map((each) => each.outline);
}

/** The keys that may stand at a place. */
export function keysAt(outline: Outline, value: unknown, path: Path): readonly string[] {
  const held = path.reduce<unknown>(memberValue, value);
  const keys = outlinesAt(outline, value, path)
    .flatMap((each) => branches(each, held))
    .flatMap((branch) => Object.keys(branch.properties ?? {}));
  return [...new Set(keys)];
}

/** The values that may stand at a place, where the schema lists them. */
export function choicesAt(outline: Outline, value: unknown, path: Path): readonly string[] {
  const choices = outlinesAt(outline, value, path)
    .flatMap((each) => [each, ...(each.anyOf ?? []), ...(each.oneOf ?? [])])
    .flatMap((each) => (each.const === undefined ? (each.enum ?? []) : [each.const]));
  return [...new Set(choices.map(String))];
}

export function memberValue(value: unknown, step: string | number): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
  return Object.getOwnPropertyDescriptor(value, step)?.value;
}

function branches(outline: Outline, value: unknown): readonly Outline[] {
  const alternatives = [...(outline.anyOf ?? []), ...(outline.oneOf ?? []), ...(outline.allOf ?? [])];
  if (alternatives.length === 0) return [outline];
  const fitting = alternatives.filter((each) => mayFit(each, value));
  return (fitting.length > 0 ? fitting : alternatives).flatMap((each) => branches(each, value));
}

/** False where a constant of the branch (such as its `kind`) says that another branch was meant. */
function mayFit(outline: Outline, value: unknown): boolean {
  return Object.entries(outline.properties ?? {}).every(
    ([key, inner]) => inner.const === undefined || memberValue(value, key) === inner.const,
  );
}

function memberOf(outline: Outline, key: string): Outline | undefined {
  if (outline.properties !== undefined && Object.hasOwn(outline.properties, key)) return outline.properties[key];
  return typeof outline.additionalProperties === "object" ? outline.additionalProperties : undefined;
}
