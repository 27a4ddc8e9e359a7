import type { Patch } from "../faults/plant.ts";

/** Bugs that information-flow control could have, as changes of source text: with each the replay must get worse. */
export const flowBugs: readonly { readonly name: string; readonly patches: readonly Patch[] }[] = [
  bug(
    "reading what others wrote taints nothing",
    "flow/mark.ts",
    "...(hasUntrusted(result) ? [",
    "...(hasUntrusted(result) && tool === '' ? [",
  ),
  bug("a part of a word is a word", "flow/words.ts", "this.#text().includes(` ", "this.#text().includes(`"),
  bug(
    "what nobody labelled is trusted",
    "catalog/flow.ts",
    'const unlabelled: ResultLabels = { integrity: "untrusted", confidentiality: "secret", fields: [] };',
    'const unlabelled: ResultLabels = { integrity: "trusted", confidentiality: "public", fields: [] };',
  ),
  bug(
    "what a person let go once goes like the task",
    "flow/facts.ts",
    'origin === "endorsed" ? origin : "approved"',
    'origin === "endorsed" ? origin : "task"',
  ),
  bug(
    "a run under another one begins anew",
    "action/gather-flow.ts",
    "const { root } = call.run;\n  const brings",
    "const root = call.run.parent === undefined ? call.run.root : call.run.id;\n  const brings",
  ),
  bug(
    "what an agent says it was asked for is a task",
    "action/gather-flow.ts",
    "run.trusted && run.workflow === workflow",
    "run.workflow === workflow",
  ),
  bug(
    "what is called reversible needs no plan",
    "policy/shipped.ts",
    'import.meta.url), "utf8");',
    'import.meta.url), "utf8").replaceAll(`context.facts.reversal == "plan"`, "true");',
  ),
  bug("what others wrote says where", "flow/family.ts", '? "untrusted" : "none"', '? "task" : "none"'),
  bug(
    "what a record says is as good as the task",
    "flow/family.ts",
    'if (isIn(this.#trusted)) return "trusted";',
    'if (isIn(this.#trusted)) return "task";',
  ),
  bug(
    "a value is compared as texts are",
    "flow/tokens.ts",
    "    return [];\n  const words",
    "    return [tokensOf(value)];\n  const words",
  ),
  bug(
    "only the first destination counts",
    "flow/facts.ts",
    "for (const destination of destinations) {",
    "for (const destination of destinations.slice(0, 1)) {",
  ),
  bug("a run that nobody opened is clean", "flow/facts.ts", "    tainted: true,", "    tainted: false,"),
  bug(
    "a plan is not asked",
    "policy/shipped.ts",
    'import.meta.url), "utf8");',
    'import.meta.url), "utf8").replaceAll("!context.run.planned", "false");',
  ),
  bug(
    "what was read is never confidential",
    "flow/mark.ts",
    '...(confidentiality === "public"',
    '...(confidentiality !== "public" || confidentiality === "public"',
  ),
  bug("a day is a record", "flow/beyond.ts", 'if (endorses({ type: "date" }, argument.value)) return name;', ""),
  bug(
    "a list is a record of the task where its words are the task's",
    "catalog/classify.ts",
    "targets.includes(target) ? {}",
    "target === '' ? {}",
  ),
  bug(
    "what a task asks for is done as often as it likes",
    "flow/facts.ts",
    "if (isAgain) found[again]",
    'if (again === "") found[again]',
  ),
  bug("a task that names a place names all data", "flow/facts.ts", "? beyond(kept) : []", "? [] : []"),
];

function bug(name: string, file: string, find: string, put: string) {
  return { name, patches: [{ file, swaps: [[find, put]] as const }] };
}
