import { type Proof, requestSentence } from "../policy/index.ts";
import type { WorkspaceProblem } from "../workspace/index.ts";
import type { DraftWorkspace } from "./draft-workspace.ts";
import type { LoadSources } from "./load-plane.ts";
import { proveInvariants } from "./prove-invariants.ts";
import { WorkspaceFaults } from "./workspace-faults.ts";

/** Fails where an invariant does not hold of the draft, with a request that shows it, and where none can be proven. */
export async function requireInvariants(sources: LoadSources, draft: DraftWorkspace): Promise<void> {
  const problems = (await proveInvariants(sources, draft)).flatMap(problemOf);
  if (problems.length > 0) throw new WorkspaceFaults(problems, "run `countersign policy prove`");
}

// INVARIANT: only what is proven may be put in force; not knowing is no proof.
function problemOf(proof: Proof): readonly WorkspaceProblem[] {
  const { invariant } = proof;
  const { file, line, column, name } = invariant;
  const place = { file, line, column, path: name, severity: "error" as const };
  if (proof.answer === "proved") return [];
  if (proof.answer === "counter-example") {
    const { input, decision } = proof.replayed;
    return [
      {
        ...place,
        message: `invariant \`${name}\` does not hold: ${requestSentence(input)}, and the answer is: ${decision.sentence}`,
        help: "change the policy that lets it pass, or the invariant; `countersign policy prove --json` has the whole request",
      },
    ];
  }
  return [
    {
      ...place,
      message: `invariant \`${name}\` is not decided for \`${proof.tool}\` (${proof.verb}): ${proof.why}`,
      help: "nothing is put in force that is not proven; install `z3` or `cvc5`, or say the invariant more simply",
    },
  ];
}
