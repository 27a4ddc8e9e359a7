import { Problem } from "../floor/problem.ts";
import { may, type PermissionContext, type PersonCaller, requireMay } from "../identity/index.ts";
import { lineDifference, type Plan, type WorkspaceFiles } from "../workspace/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { delegatedTo, signableIn } from "./delegated.ts";
import { openProposals, type ProposalRow, proposalRow } from "./sql.ts";

/** A workspace that somebody asked to put in force, as others are told of it. */
export interface ProposalLine {
  readonly id: string;
  readonly by: string;
  readonly vouchedBy: readonly string[];
  readonly at: string;
  readonly expiresAt: string;
  /** What is signed. */
  readonly digest: string;
  readonly before: string;
  readonly plan: Plan;
  /** This person may sign it. */
  readonly yours: boolean;
}

export interface ProposalShown extends ProposalLine {
  /** Every file that differs from what is in force, line by line. */
  readonly files: readonly { readonly file: string; readonly lines: readonly string[] }[];
}

export async function listProposed(control: Control, person: PersonCaller): Promise<readonly ProposalLine[]> {
  return (await openProposals(control.parts.db)).map((row) => lineOf(control, person, row));
}

/** Everything that a signature is about: what would change, in sentences and in the files' own lines. */
export async function showProposal(control: Control, person: PersonCaller, id: string): Promise<ProposalShown> {
  if (!may(person, "read-private", contextOf(control, {})).allowed) await requireOwn(control, person, id);
  const row = await requireOpen(control, id);
  return { ...lineOf(control, person, row), files: differences(control.keeper.loaded().files, row.files) };
}

/** The people of a workflow see what changes it alone. */
async function requireOwn(control: Control, person: PersonCaller, id: string): Promise<void> {
  const row = await proposalRow(control.parts.db, id);
  const workflow = row === undefined ? undefined : delegatedTo(row.plan);
  requireMay(person, "read-private", contextOf(control, workflow === undefined ? {} : { workflow }));
}

/** The proposal, where it still waits; else what became of it. */
export async function requireOpen(control: Control, id: string): Promise<ProposalRow> {
  const row = await proposalRow(control.parts.db, id);
  if (row === undefined) throw new Problem("not_found", `there is no proposal \`${id.slice(0, 60)}\``);
  if (row.state !== "open") throw new Problem("conflict", endings[row.state], { help: "see `countersign proposal`" });
  return row;
}

const endings = {
  signed: "it was signed already, and a signature counts once",
  withdrawn: "it was withdrawn",
  void: "another workspace was put in force since, so it is void: apply it again",
  lapsed: "nobody signed it in time: apply it again",
} as const;

/** What a signature is decided on: the people of one workflow sign what changes it alone and lets nobody do more. */
export function signingContext(
  control: Control,
  { by, vouchedBy, plan }: Pick<ProposalRow, "by" | "vouchedBy" | "plan">,
): PermissionContext {
  const workflow = signableIn(plan);
  return contextOf(control, { first: { person: by, vouchedBy }, ...(workflow === undefined ? {} : { workflow }) });
}

function lineOf(control: Control, person: PersonCaller, row: Omit<ProposalRow, "files">): ProposalLine {
  const { id, by, vouchedBy, at, expiresAt, digest, before, plan } = row;
  const permission = may(person, "sign-proposal", signingContext(control, row));
  const yours = permission.allowed && !permission.singlePerson;
  return { id, by, vouchedBy, at, expiresAt, digest, before, plan, yours };
}

function differences(before: WorkspaceFiles, after: WorkspaceFiles): ProposalShown["files"] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((file) => before[file] !== after[file])
    .map((file) => ({ file, lines: lineDifference(before[file] ?? "", after[file] ?? "") }));
}
