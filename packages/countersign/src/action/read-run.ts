import type { Json } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import { datedMarks } from "../flow/sql.ts";
import { listActions } from "../ledger/list-sql.ts";
import type { PlannedStep } from "./call.ts";
import type { Parts } from "./parts.ts";
import { runRow } from "./run-sql.ts";

/** A run as people read it: how it was opened, and what it has read since. */
export interface RunView {
  readonly id: string;
  readonly agent: string;
  readonly workflow: string;
  /** Null for a run that the plane made up for a session. */
  readonly opened: {
    readonly by: string;
    readonly trusted: boolean;
    readonly at: string;
    readonly closedAt: string | null;
    readonly task: string | null;
    readonly parent: string | null;
    readonly plan: readonly PlannedStep[] | null;
    readonly parameters: Json;
  } | null;
  readonly marks: readonly {
    readonly kind: string;
    readonly label: string;
    readonly tool: string;
    readonly action: string;
    readonly at: string;
  }[];
}

export async function readRun(parts: Parts, id: string): Promise<RunView> {
  const row = await runRow(parts.db, id);
  const marks = await datedMarks(parts.db, row?.root ?? id);
  if (row === undefined) {
    const [line] = await listActions(parts.db, { run: id, limit: 1 });
    if (line === undefined) throw new Problem("not_found", `there is no run \`${id.slice(0, 60)}\``);
    return { id, agent: line.agent ?? "", workflow: line.workflow ?? "", opened: null, marks };
  }
  const { agent, workflow, trusted, task, parent, plan } = row;
  const opened = {
    by: row.opened_by,
    trusted,
    at: row.opened_at,
    closedAt: row.closed_at,
    task,
    parent,
    plan,
    parameters: row.parameters,
  };
  return { id, agent, workflow, opened, marks };
}
