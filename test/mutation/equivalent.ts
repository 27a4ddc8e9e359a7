import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import type { Mutant } from "./mutants.ts";

const schema = z.array(
  z.strictObject({
    file: z.string(),
    /** The line of the file, without the spaces around it. */
    line: z.string(),
    from: z.string(),
    /** What stands there instead; without it, whatever does. */
    to: z.string().optional(),
    reason: z.string().min(20),
  }),
);

type Equivalent = z.infer<typeof schema>[number];

export function readEquivalents(file: string): readonly Equivalent[] {
  return schema.parse(parse(readFileSync(file, "utf8")) ?? []);
}

const flat = (text: string) => text.replaceAll(/\s+/g, " ").trim();

/** Mutants that no test can notice, apart from those that one could; and entries that name no mutant any more. */
export function apart(
  mutants: readonly Mutant[],
  equivalents: readonly Equivalent[],
): { readonly real: readonly Mutant[]; readonly equivalent: readonly Mutant[]; readonly stale: readonly Equivalent[] } {
  const used = new Set<Equivalent>();
  const isEquivalent = (mutant: Mutant): boolean => {
    const known = equivalents.find(
      ({ file, line, from, to }) =>
        file === mutant.file &&
        flat(line) === flat(mutant.code) &&
        flat(from) === flat(mutant.from) &&
        (to === undefined || flat(to) === flat(mutant.to)),
    );
    if (known !== undefined) used.add(known);
    return known !== undefined;
  };
  const equivalent = mutants.filter(isEquivalent);
  const files = new Set(mutants.map(({ file }) => file));
  return {
    equivalent,
    real: mutants.filter((mutant) => !equivalent.includes(mutant)),
    stale: equivalents.filter((one) => files.has(one.file) && !used.has(one)),
  };
}
