import { openAlert } from "../action/alert-sql.ts";
import { type Connection, commandFor, holderOf } from "../connections/index.ts";
import { lapseConnection as markLapsed } from "../connections/sql.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** Writes down that a connection has to be made again, and tells people. False where another replica renewed it meanwhile. */
export async function lapseConnection(control: Control, connection: Connection, because: string): Promise<boolean> {
  const { id, server, workflow, person } = connection;
  const { clock } = control.parts;
  const whose = workflow === null ? `${person ?? ""}'s` : `${workflow}'s`;
  const sentence = `${whose} connection to ${server} has to be made again (${because}): ${commandFor(server, holderOf(connection))}`;
  try {
    await govern(control, {
      kind: "secret",
      person: "countersign",
      ...(workflow === null ? {} : { workflow }),
      payload: { deed: "lapsed", connection: id, server, workflow, for: person, because },
      change: async (tx) => {
        if (!(await markLapsed(tx, id, connection.version, because)))
          throw new Problem("conflict", "another replica was faster");
        await openAlert(tx, newId("gov", clock.now()), "connection", id, sentence);
      },
    });
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === "conflict") return false;
    throw thrown;
  }
  control.parts.log.warn({ server, connection: id, because }, "a connection has to be made again");
  return true;
}
