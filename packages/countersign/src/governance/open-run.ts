import { canonical } from "@countersign/contract";
import type { PlannedStep } from "../action/index.ts";
import { digestText } from "../floor/digest.ts";
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
  const { redact } = control.parts.checking;
  const task = request.task === undefined ? undefined : String(redact(request.task).value);
  const plan = request.plan?.map(({ tool, target }) =>
    target === undefined ? { tool } : { tool, target: String(redact(target).value) },
  );
  await govern(control, {
    kind: "activated",
    person: by,
    agent: agent.name,
    workflow: agent.workflow,
    // The run keeps what it is for, where it can be erased; the deed says which text that was.
    payload: {
      deed: "opened a run",
      run: id,
      trusted,
      agent: agent.name,
      ...(request.parent === undefined ? {} : { parent: request.parent }),
      ...(task === undefined ? {} : { taskDigest: digestText(task) }),
      ...(plan === undefined ? {} : { planDigest: digestText(canonical(plan)) }),
    },
    raises: false,
    change: (tx) =>
      insertRun(tx, {
        id,
        agent: agent.name,
        workflow: agent.workflow,
        openedBy: by,
        trusted,
        ...(task === undefined ? {} : { task }),
        ...(request.parent === undefined ? {} : { parent: request.parent }),
        ...(plan === undefined ? {} : { plan }),
      }),
  });
  return { id, trusted };
}
