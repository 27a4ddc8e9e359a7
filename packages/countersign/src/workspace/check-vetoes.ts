import { type Draft, type Report, repeats } from "./draft.ts";
import { unknownName } from "./finding.ts";

/** Vetoes name workflows that there are, and each has a name of its own. */
export function checkVetoes(
  { organisation: { source, value }, workflows, workflowsAreComplete }: Draft,
  report: Report,
): void {
  for (const { name, index } of repeats(value.vetoes.map((veto) => veto.name))) {
    report(source, ["vetoes", index, "name"], {
      message: `the veto \`${name}\` is here twice`,
      expected: "each veto once",
    });
  }
  if (!workflowsAreComplete) return;
  const known = new Set(workflows.map((workflow) => workflow.value.name));
  for (const [index, veto] of value.vetoes.entries()) {
    for (const [at, workflow] of (veto.workflows ?? []).entries()) {
      // A veto that is attached to nothing guards nothing.
      if (!known.has(workflow))
        report(source, ["vetoes", index, "workflows", at], unknownName("workflow", workflow, known));
    }
  }
}
