import type { PlannedStep } from "../action/index.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { type Caller, type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { insertRun } from "./sql.ts";

export interface RunRequest {
  readonly agent: string;
  readonly task?: string;
  readonly parent?: string;
  readonly plan?: readonly PlannedStep[];
}

/** Opens a run. One that a person opens carries its task from a trusted channel; one that an agent opens counts as tainted. */
export async function openRun(
  control: Control,
  caller: Caller | PersonCaller,
  request: RunRequest,
): Promise<{ readonly id: string; readonly trusted: boolean }> {
  const agent = control.keeper.loaded().directory.agents.get(request.agent);
  if (agent === undefined || (caller.kind === "agent" && caller.agent !== request.agent)) {
    throw new Problem("not_found", `there is no agent \`${request.agent.slice(0, 100)}\` here`);
  }
  if (caller.kind === "person") requireMay(caller, "open-run", contextOf(control, { agent: agent.name }));
  const id = newId("run", control.parts.clock.now());
  const trusted = caller.kind === "person";
  const by = caller.kind === "person" ? caller.email : caller.agent;
  await govern(control, {
    kind: "activated",
    person: by,
    agent: agent.name,
    workflow: agent.workflow,
    payload: { deed: "opened a run", run: id, trusted, ...request },
    raises: false,
    change: (tx) =>
      insertRun(tx, {
        id,
        agent: agent.name,
        workflow: agent.workflow,
        openedBy: by,
        trusted,
        ...(request.task === undefined ? {} : { task: request.task }),
        ...(request.parent === undefined ? {} : { parent: request.parent }),
        ...(request.plan === undefined ? {} : { plan: request.plan }),
      }),
  });
  return { id, trusted };
}
