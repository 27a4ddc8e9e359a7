import { blankAlerts, dropAnswers } from "../action/index.ts";
import { dropCanaries } from "../approvals/canary-sql.ts";
import { forgetUses } from "../costs/index.ts";
import { finishErasures as markFinished, takeErasures } from "../erasure/index.ts";
import { eraseKeys } from "../ledger/key-sql.ts";
import { eraseTerms } from "../lookup/index.ts";
import { blankNotices } from "../notify/index.ts";
import type { Control } from "./control.ts";
import { blankTasks } from "./sql.ts";

const batch = 500;

/**
 * Destroys what is left of subjects whose erasure is on record: keys first of all, then whatever else tells of them in
 * clear. Not on the way of the ledger's writers, and safe to repeat: what a crash left is taken up again. How many.
 */
export function finishErasures({ db }: Pick<Control["parts"], "db">): Promise<number> {
  return db.transaction(async (tx) => {
    const subjects = await takeErasures(tx, batch);
    if (subjects.length === 0) return 0;
    await eraseTerms(tx, subjects);
    await eraseKeys(tx, subjects);
    await dropAnswers(tx, subjects);
    await dropCanaries(tx, subjects);
    await blankAlerts(tx, subjects);
    await blankNotices(tx, subjects);
    await blankTasks(tx, subjects);
    await forgetUses(tx, subjects);
    await markFinished(tx, subjects);
    return subjects.length;
  });
}
