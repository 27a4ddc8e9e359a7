import { lookAtHeld } from "../action/index.ts";
import { fillWindows } from "../costs/fill-sql.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { standWorkloads, workloadRules } from "../identity/index.ts";
import { putAnswering } from "../workflows/sql.ts";
import type { WorkspaceFiles } from "../workspace/index.ts";
import type { Control } from "./control.ts";
import { fillAgain, pastUses } from "./fill-windows.ts";
import { govern } from "./govern.ts";
import { leaversBetween, shutOutLeavers } from "./leavers.ts";
import type { Planned } from "./plan-workspace.ts";
import { dropOtherProofs, putToolProofs } from "./proof-sql.ts";
import { voidGrants } from "./revoke-grant.ts";
import { endProposal, insertWorkspace, latestWorkspace, voidProposals } from "./sql.ts";
import { rulesOf } from "./tool-proof.ts";

/** Whose hands put a workspace in force. */
export interface Signed {
  /** Who asked for it, or `countersign` for the first one. */
  readonly by: string;
  /** The second person; absent where there is none. */
  readonly signedBy?: string;
  /** One person was enough, because there is no other. */
  readonly single: boolean;
  readonly vouchedBy: readonly string[];
  /** Who is behind whoever asked for it alone; absent where they are those of `vouchedBy`. */
  readonly asker?: readonly string[];
  readonly proposal?: string;
}

/** Puts planned files in force with their digest and who did it, in the ledger; nothing half applies. What else waited is void. */
export async function putInForce(
  control: Control,
  planned: Planned,
  files: WorkspaceFiles,
  { by, signedBy, single, vouchedBy, asker = vouchedBy, proposal }: Signed,
): Promise<string> {
  const { workspace, plan, policies, proven } = planned;
  const before = plan.from;
  const id = newId("gov", control.parts.clock.now());
  const { policies: inForce } = control.keeper.loaded();
  const past = await pastUses(control, inForce, policies);
  const left = leaversBetween(control.keeper.loaded().workspace, workspace);
  const entry = await govern(control, {
    kind: "applied",
    id,
    person: signedBy ?? by,
    payload: {
      digest: workspace.digest,
      before: before ?? null,
      files: workspace.files,
      changes: plan,
      signed: signedBy === undefined ? [by] : [by, signedBy],
      single,
      vouchedBy,
      ...(left.length === 0 ? {} : { left }),
      ...(past.windows.length === 0 ? {} : { counted: { limits: past.windows, uses: past.uses.length } }),
      ...(past.empty.length === 0 ? {} : { empty: past.empty }),
      ...(proposal === undefined ? {} : { proposal }),
    },
    change: async (tx) => {
      if ((await latestWorkspace(tx))?.digest !== before)
        throw new Problem("conflict", "somebody else applied a workspace first", {
          help: "run `countersign plan` again",
        });
      if (proposal !== undefined && !(await endProposal(tx, proposal, "signed")))
        throw new Problem("conflict", "it does not wait for a signature any more");
      await voidProposals(tx);
      await shutOutLeavers(control, tx, left, signedBy ?? by);
      // INVARIANT: with the rules themselves: no replica lets an issuer in whose rule is gone, and none before it stands.
      const ended = await standWorkloads(tx, control.parts.clock, workloadRules(workspace.agents), {
        by,
        vouchedBy: asker,
      });
      for (const agent of new Set(ended.map(({ subject }) => subject))) await lookAtHeld(tx, { agent });
      await fillWindows(tx, past);
      await putAnswering(tx, workspace.workflows);
      await insertWorkspace(tx, { digest: workspace.digest, files, by, signedBy, single, entry: id });
      const rules = rulesOf(workspace);
      await dropOtherProofs(tx, rules);
      await putToolProofs(
        tx,
        rules,
        [...proven].map(([tool, shape]) => ({ tool, shape, why: null })),
      );
    },
  });
  if (past.windows.length > 0) await fillAgain(control, (sinceMs) => pastUses(control, inForce, policies, { sinceMs }));
  // Counted or not is decided anew each time: this only ends for good what would not count.
  await voidGrants(control).catch((cause: unknown) =>
    control.parts.log.warn({ cause: String(cause) }, "grants of people who left could not be ended; it is tried again"),
  );
  return entry;
}
