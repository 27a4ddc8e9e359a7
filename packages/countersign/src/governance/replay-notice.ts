import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { noticeRows, revive } from "../notify/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** Puts a dead letter back into the outbox, under the id that it has always had. */
export async function replayNotice(control: Control, person: PersonCaller, id: string): Promise<string> {
  const permission = requireMay(person, "operate-notices", contextOf(control, {}));
  const [row] = await noticeRows(control.parts.db, [id]);
  if (row === undefined) throw new Problem("not_found", `there is no notice \`${id.slice(0, 60)}\``);
  const { type, subject, channel, person: to, fault } = row;
  return govern(control, {
    kind: "notice",
    person: person.email,
    payload: { deed: "replayed", notice: { id, type, subject, channel, person: to, fault }, as: permission.as },
    raises: false,
    change: async (tx) => {
      if (!(await revive(tx, id)))
        throw new Problem("conflict", "this notice is no dead letter, or what it said was erased", {
          help: "only dead letters are sent again",
        });
    },
  });
}
