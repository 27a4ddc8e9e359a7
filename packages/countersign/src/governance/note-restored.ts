import { openAlert } from "../action/alert-sql.ts";
import type { RestoredNote } from "../backup/index.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import type { RolledBack } from "./open-log.ts";

/** Writes into the ledger that it was restored, from what, and what anchors had seen beyond it; and tells people. */
export async function noteRestored(
  control: Control,
  note: RestoredNote,
  rolledBack: readonly RolledBack[],
): Promise<void> {
  const { db, clock, log } = control.parts;
  const { deed, stop, frozen, restoredAt, backup, acceptRollback } = note;
  try {
    await govern(control, {
      kind: "restored",
      person: "countersign",
      payload: { backup, restoredAt, stop, frozen, acceptRollback, rolledBack },
      id: deed,
    });
  } catch (thrown) {
    // A start that was killed after it had written this.
    if (!(thrown instanceof Problem && thrown.code === "conflict")) throw thrown;
  }
  const gone = rolledBack.map(
    ({ anchor, from, to }) => `\`${anchor}\` has seen ${from} entries, and the log begins again at ${to}`,
  );
  const sentence = [`restored from a backup of ${backup.madeAt}; everything is stopped`, ...gone].join("; ");
  log.warn({ deed, stop }, sentence);
  await openAlert(db, newId("gov", clock.now()), "restored", deed, sentence);
}
