import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { handsOf, isSinglePerson, may, type PersonCaller, requireMay } from "../identity/index.ts";
import type { WorkspaceFiles } from "../workspace/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { delegatedTo, isOnlyFile } from "./delegated.ts";
import { govern } from "./govern.ts";
import type { LoadSources } from "./load-plane.ts";
import { type Planned, planWorkspace } from "./plan-workspace.ts";
import { putInForce } from "./put-in-force.ts";
import { insertProposal, latestWorkspace, openProposals } from "./sql.ts";

/** What became of it: in force, or proposed. `entry` is the ledger's word for that. */
export type Applied = Planned & { readonly entry: string } & (
    | { readonly inForce: true }
    | { readonly inForce: false; readonly proposal: string }
  );

/** Files are kept whole until somebody signs. */
const mostOpen = 50;

/**
 * One person asks to put files in force. Whatever they change, a second person signs (`signProposal`), unless what is in
 * force is a stated organisation of one: then there is nobody else, and the record says so.
 */
export async function applyWorkspace(
  control: Control,
  sources: LoadSources,
  person: PersonCaller,
  files: WorkspaceFiles,
  expected?: string,
): Promise<Applied> {
  requireMayAsk(control, person);
  const planned = await planWorkspace(control, sources, files);
  requireMay(person, "apply", contextOf(control, ownOf(control, planned)));
  const before = planned.plan.from;
  if (expected !== undefined && expected !== before) throw movedOn();
  if (before === planned.workspace.digest) throw new Problem("conflict", "these very files are in force already");
  const { directory, workspace } = control.keeper.loaded();
  if (before === undefined || before !== workspace?.digest) throw movedOn();
  // INVARIANT: what is in force says whether there is a second person, never the files that are to come: else somebody
  // could take the others out alone. That it is still in force is asked again where it is replaced.
  if (isSinglePerson(directory)) {
    const { vouchedBy } = handsOf(person);
    const entry = await putInForce(control, planned, files, { by: person.email, single: true, vouchedBy });
    return { ...planned, inForce: true, entry };
  }
  const proposal = await propose(control, person, planned, before, files);
  return { ...planned, inForce: false, proposal, entry: proposal };
}

/** Planning is work: it is done for who may apply anything, or administers some workflow. */
function requireMayAsk(control: Control, person: PersonCaller): void {
  const workflows = control.keeper.loaded().workspace?.workflows ?? [];
  const isOwn = workflows.some(({ name }) => may(person, "apply", contextOf(control, { workflow: name })).allowed);
  if (!isOwn) requireMay(person, "apply", contextOf(control, {}));
}

/** The workflow that files change and nothing else: its DRI and delegates may ask for that. */
function ownOf(control: Control, { plan, workspace }: Planned): { readonly workflow?: string } {
  const workflow = delegatedTo(plan);
  const isAlone = workflow !== undefined && isOnlyFile(workflow, control.keeper.loaded().workspace, workspace);
  return isAlone ? { workflow } : {};
}

/** The same person who asks for the same files again is told of what waits already. */
async function propose(
  control: Control,
  person: PersonCaller,
  { workspace, plan }: Planned,
  before: string,
  files: WorkspaceFiles,
): Promise<string> {
  const { digest } = workspace;
  const hands = handsOf(person);
  const open = await openProposals(control.parts.db);
  const same = open.find((one) => one.digest === digest && one.before === before && one.by === person.email);
  if (same !== undefined && same.vouchedBy.join() === hands.vouchedBy.join()) return same.id;
  if (open.length >= mostOpen) {
    throw new Problem("too_many", `${open.length} proposals wait for a second person`, {
      help: "sign one, or withdraw those that nobody wants",
    });
  }
  const id = newId("gov", control.parts.clock.now());
  return govern(control, {
    kind: "proposed",
    id,
    person: person.email,
    payload: { deed: "proposed", digest, before, files: workspace.files, changes: plan, vouchedBy: hands.vouchedBy },
    raises: false,
    change: async (tx) => {
      if ((await latestWorkspace(tx))?.digest !== before) throw movedOn();
      await insertProposal(tx, { id, digest, before, files, plan, hands });
    },
  });
}

function movedOn(): Problem {
  return new Problem("conflict", "the workspace in force is not the one that this was planned against", {
    help: "run `countersign plan` again",
  });
}

/** The first workspace of an empty data folder: whoever starts the server holds its files. */
export async function applyFirst(
  control: Control,
  sources: LoadSources,
  files: WorkspaceFiles,
): Promise<Planned & { readonly entry: string }> {
  if (control.keeper.loaded().workspace !== undefined) {
    throw new Problem("conflict", "a workspace is in force already", { help: "a person applies the next one" });
  }
  const planned = await planWorkspace(control, sources, files);
  const entry = await putInForce(control, planned, files, { by: "countersign", single: false, vouchedBy: [] });
  return { ...planned, entry };
}
