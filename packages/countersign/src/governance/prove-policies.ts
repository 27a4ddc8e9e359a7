import { Problem } from "../floor/problem.ts";
import type { Proof } from "../policy/index.ts";
import type { WorkspaceFiles } from "../workspace/index.ts";
import { draftWorkspace } from "./draft-workspace.ts";
import type { LoadSources } from "./load-plane.ts";
import { proveInvariants } from "./prove-invariants.ts";

/** How many people's questions are answered at once: each keeps a processor busy for up to 40 seconds. */
const mostAtOnce = 2;
// Owned here alone: how many are being answered.
let atOnce = 0;

/** What is known of each invariant of these files. */
export function provePolicies(sources: LoadSources, files: WorkspaceFiles, only?: string): Promise<readonly Proof[]> {
  return oneOfFew(async () => proveInvariants(sources, await draftWorkspace(sources, files, 0), { only }));
}

/** Runs one of few at once, or fails with `too_many`. */
export async function oneOfFew<Told>(work: () => Promise<Told>): Promise<Told> {
  if (atOnce >= mostAtOnce)
    throw new Problem("too_many", "others are proving or comparing policies now", { help: "try again in a minute" });
  atOnce++;
  try {
    return await work();
  } finally {
    atOnce--;
  }
}
