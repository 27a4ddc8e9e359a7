import { thawOpen } from "../action/index.ts";
import { Problem } from "../floor/problem.ts";
import { handsOf, type PersonCaller, requireMay } from "../identity/index.ts";
import { lockStop, markLifted, stopsInForce } from "../stop/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { freezeCanaries } from "./freeze-canaries.ts";
import { govern } from "./govern.ts";

/** Lifts a stop: a second person, or a stated organisation of one. What it froze is decided again. */
export async function lift(
  control: Control,
  person: PersonCaller,
  id: string,
  reason: string,
): Promise<{ entry: string; thawed: readonly string[] }> {
  const found = (await stopsInForce(control.parts.db)).find((stop) => stop.id === id);
  if (found === undefined) throw new Problem("not_found", `no stop \`${id.slice(0, 60)}\` is in force`);
  const about = found.scope === "workflow" ? { workflow: found.name } : {};
  const first = { person: found.by, vouchedBy: found.vouchedBy };
  const permission = requireMay(person, "lift", contextOf(control, { ...about, first }));
  if (reason.trim() === "") throw new Problem("invalid", "lifting a stop needs a reason", { at: "/reason" });
  let thawed: readonly string[] = [];
  const entry = await govern(control, {
    kind: "lifted",
    person: person.email,
    payload: {
      stop: found,
      reason,
      as: permission.as,
      singlePerson: permission.singlePerson,
      vouchedBy: handsOf(person).vouchedBy,
    },
    change: async (tx) => {
      if ((await lockStop(tx, id)) === undefined) throw new Problem("conflict", "somebody else lifted it first");
      await markLifted(tx, id, [person.email]);
      thawed = await thawOpen(tx);
    },
  });
  await freezeCanaries(control).catch((cause: unknown) =>
    control.parts.log.warn({ cause: String(cause) }, "what was seeded is frozen still; it is tried again"),
  );
  for (const action of thawed) control.hall.nudge(action);
  return { entry, thawed };
}
