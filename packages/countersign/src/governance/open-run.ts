import { canonical, type JsonObject } from "@countersign/contract";
import { names, type PlannedStep, runRow } from "../action/index.ts";
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
  /** Values that the task is about, such as `{"customer": "C-17"}`: a call may go where one of them says. */
  readonly parameters?: JsonObject;
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
  const parent =
    request.parent === undefined ? undefined : await parentOf(control, caller, agent.workflow, request.parent);
  const root = parent === undefined ? (trusted ? id : undefined) : (parent.root ?? undefined);
  const { redact } = control.parts.checking;
  const parameters = request.parameters === undefined ? undefined : (redact(request.parameters).value as JsonObject);
  const task = request.task === undefined ? undefined : String(redact(request.task).value);
  requireWithin(request.plan, parent?.plan ?? null, caller);
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
      ...(parameters === undefined ? {} : { parametersDigest: digestText(canonical(parameters)) }),
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
        ...(parameters === undefined ? {} : { parameters }),
        ...(root === undefined ? {} : { root }),
      }),
  });
  return { id, trusted };
}

/** Said at once; what holds is that each call is held against the plans of the whole line (`action/run-line.ts`). */
function requireWithin(
  asked: readonly PlannedStep[] | undefined,
  above: readonly PlannedStep[] | null,
  caller: Caller | PersonCaller,
): void {
  if (asked === undefined || above === null || caller.kind === "person") return;
  const beyond = asked.find((step) => !above.some((planned) => names(planned, step)));
  if (beyond !== undefined)
    throw new Problem("forbidden", `the plan of the run above does not name \`${beyond.tool}\` so`, {
      help: "leave `plan` out to take the plan of the run above, or ask a person to open the run",
    });
}

/** A run above it, which gives it its taint: one that is open, and that an agent may know of. */
async function parentOf(control: Control, caller: Caller | PersonCaller, workflow: string, parent: string) {
  const row = await runRow(control.parts.db, parent);
  if (row === undefined || (caller.kind === "agent" && row.workflow !== workflow))
    throw new Problem("not_found", `there is no run \`${parent.slice(0, 80)}\` here`, {
      help: "name a run of this workflow, or leave `parent` out",
    });
  if (row.closed_at !== null)
    throw new Problem("conflict", `run \`${row.id}\` is closed`, { help: "open the run under another one" });
  return row;
}
