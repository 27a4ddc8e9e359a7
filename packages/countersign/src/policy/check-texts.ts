import { parse } from "./parse.ts";
import type { CedarText, PolicyFault } from "./policy.ts";
import { type Known, review } from "./review.ts";

/**
 * What can be said of an organisation's policies without a catalog: syntax, ids, annotations, cures that cure, people,
 * checks, workflows and agents that exist. Names of tools and types of arguments are for `tryCompile`.
 */
export async function checkTexts(
  own: readonly { readonly file: string; readonly text: string }[],
  known: Known,
): Promise<readonly PolicyFault[]> {
  const texts: readonly CedarText[] = own.map((text) => ({ ...text, source: "own" }));
  if (texts.length === 0) return [];
  const { policies, faults } = await parse({ texts });
  const reviewed = policies.map((policy) => review(policy, known));
  const ids = new Map<string, string>();
  const twice = policies.flatMap(({ file, line, column, syntax }): readonly PolicyFault[] => {
    const id = syntax.annotations?.id;
    if (id === undefined) return [];
    const before = ids.get(id);
    ids.set(id, before ?? file);
    return before === undefined
      ? []
      : [{ file, line, column, detail: `the id \`${id}\` is taken by a policy in ${before}` }];
  });
  return [...faults, ...reviewed.flatMap((one) => (Array.isArray(one) ? one : [])), ...twice];
}
