import { openAlert, settleAlert } from "../action/alert-sql.ts";
import { newId } from "../floor/id.ts";
import { sharedUses } from "../identity/index.ts";
import { selectSightings } from "../identity/sql.ts";
import type { Control } from "./control.ts";
import { sharedKeys, unexplained } from "./shared-key-sql.ts";

const kind = "shared-key";
/** Longer than any replica waits with what it has seen. */
const lookBackMs = 3_600_000;

/**
 * Opens an alert about each live key of an agent that two clients or two addresses used at the same time, and settles it
 * once the key has ended. What a person has settled is told again where somebody else uses the key than was known then.
 */
export async function alertSharedKeys(control: Pick<Control, "parts">): Promise<void> {
  const { clock, db, ledger, log } = control.parts;
  const shared = new Map(
    sharedUses(await selectSightings(db, ledger.now() - lookBackMs)).map((one) => [one.credential, one.differs]),
  );
  const keys = await sharedKeys(db, kind, [...shared.keys()]);
  const ended = keys.filter(({ live }) => !live);
  for (const { id } of ended) await settleAlert(db, kind, id);
  const live = keys.filter((one) => one.live && shared.has(one.id));
  const told = new Set(
    live.length === 0
      ? []
      : await unexplained(
          db,
          kind,
          live.map(({ id }) => id),
        ),
  );
  for (const { agent, environment, id } of live) {
    if (!told.has(id)) continue;
    const how = (shared.get(id) ?? []).join(" and ");
    const place = environment === null ? "" : ` in ${environment}`;
    const sentence = `key ${id} of ${agent}${place} seems to have two users: uses at the same time differ in ${how}; where nobody can explain that, issue another and revoke this one`;
    await openAlert(db, newId("gov", clock.now()), kind, id, sentence);
    log.warn({ kind, subject: id }, sentence);
  }
}
