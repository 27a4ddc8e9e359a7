import type { Decision, DecisionInput } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import { explainInput, inputOf, type NearMiss } from "../policy/index.ts";
import { readRequest, type WorkspaceFiles } from "../workspace/index.ts";
import { attachedVetoes } from "./attached-vetoes.ts";
import type { Control } from "./control.ts";
import { draftWorkspace } from "./draft-workspace.ts";
import type { LoadSources } from "./load-plane.ts";
import { unprovenSentence } from "./tool-proof.ts";
import { trialWorld } from "./trial-world.ts";
import { WorkspaceFaults } from "./workspace-faults.ts";

export interface ExplainedRequest {
  /** What the gate would ask, as far as it is not the arguments. */
  readonly asked: Pick<DecisionInput, "principal" | "action" | "resource" | "facts">;
  readonly decision: Decision;
  /** Policies about the tool that do not hold, with the first condition that keeps them from it. */
  readonly nearMiss: readonly NearMiss[];
  /** Vetoes that would be asked about the call itself, and may deny it. Nobody asked them here. */
  readonly vetoes: readonly string[];
}

/** What would be decided about a call that nobody made: by what is in force, or by files that are not. */
export async function explainRequest(
  control: Control,
  sources: LoadSources,
  text: string,
  files: WorkspaceFiles | undefined,
): Promise<ExplainedRequest> {
  const read = readRequest("request", text);
  if (read.request === undefined) throw new WorkspaceFaults(read.problems, "see `request.schema.json`");
  const loaded = control.keeper.loaded();
  const { workspace, catalog, policies } = files === undefined ? loaded : await draftWorkspace(sources, files, 0);
  if (workspace === undefined) throw new Problem("conflict", "nothing is in force yet");
  const tierOf = files === undefined ? loaded.directory.tierOf : undefined;
  const input = inputOf(read.request, trialWorld(workspace, catalog, tierOf), policies);
  if ("faults" in input) throw new Problem("invalid", input.faults.join("; "), { at: "request" });
  const { principal, action, resource, facts } = input.ok;
  const explained = explainInput(input.ok, policies);
  const missing = files === undefined ? loaded.unproven.get(action.tool) : undefined;
  if (missing !== undefined)
    throw new Problem("conflict", unprovenSentence(missing), { help: "run `countersign policy prove`" });
  const attached = attachedVetoes(workspace, principal.workflow, action.tool).map((rule) => rule.name);
  // What the policies deny is asked of no veto.
  const vetoes = explained.decision.effect === "deny" ? [] : attached;
  return { asked: { principal, action, resource, facts }, ...explained, vetoes };
}
