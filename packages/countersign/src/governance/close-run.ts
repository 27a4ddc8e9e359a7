import { runRow } from "../action/index.ts";
import { Problem } from "../floor/problem.ts";
import { type Caller, type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { endRun } from "./sql.ts";

/**
 * Closes a run: its own agent, or a person who may open one for that agent. From now on neither it nor what an agent opened
 * under it takes a call; what was asked for before goes on, and can be undone.
 */
export async function closeRun(control: Control, caller: Caller | PersonCaller, id: string): Promise<void> {
  const row = await runRow(control.parts.db, id);
  const isTheirs = caller.kind === "person" || (caller.agent === row?.agent && caller.workflow === row.workflow);
  if (row === undefined || !isTheirs)
    throw new Problem("not_found", `there is no run \`${id.slice(0, 80)}\` here`, {
      help: "only a run that was opened can be closed",
    });
  const { agent, workflow } = row;
  if (caller.kind === "person") requireMay(caller, "open-run", contextOf(control, { agent, workflow }));
  const by = caller.kind === "person" ? caller.email : caller.agent;
  await govern(control, {
    kind: "activated",
    person: by,
    agent,
    workflow,
    payload: { deed: "closed a run", run: id, agent },
    raises: false,
    change: async (tx) => {
      if (!(await endRun(tx, id))) throw new Problem("conflict", `run \`${id}\` is closed already`);
    },
  });
}
