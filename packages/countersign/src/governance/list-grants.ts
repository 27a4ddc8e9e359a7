import type { Json } from "@countersign/contract";
import { grantedCallOf, shapeOf } from "../action/index.ts";
import type { GrantShape } from "../approvals/index.ts";
import { type GrantRow, grantRow, listGrants as rowsOf } from "../approvals/sql.ts";
import { Problem } from "../floor/problem.ts";
import { may, type PersonCaller } from "../identity/index.ts";
import { readSubject } from "../ledger/read.ts";
import { findStop } from "../stop/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";

/** A grant as one person sees it. */
export interface GrantLine {
  readonly id: string;
  readonly state: "in_force" | "frozen" | "used_up" | "expired" | "revoked" | "void";
  readonly because?: string;
  readonly by: string;
  readonly as: string;
  readonly at: string;
  readonly until: string;
  readonly uses: number;
  readonly used: number;
  readonly reason: string;
  readonly approval: string;
  readonly workflow: string;
  readonly agent: string;
  readonly onBehalfOf?: string;
  readonly server: string;
  readonly tool: string;
  readonly environment: string;
  readonly verb: string;
  readonly target: string;
  readonly shape: GrantShape;
  readonly policies: readonly string[];
  readonly args?: Json;
  readonly yours: boolean;
  readonly receipt: string;
}

const most = 200;

/** What stands, and what ended within a day. */
export async function listGrants(control: Control, person: PersonCaller): Promise<readonly GrantLine[]> {
  const rows = await rowsOf(control.parts.db, most);
  return Promise.all(rows.map((row) => lineOf(control, person, row)));
}

export async function readGrant(control: Control, person: PersonCaller, id: string): Promise<GrantLine> {
  const row = await grantRow(control.parts.db, id);
  if (row === undefined) throw new Problem("not_found", `there is no grant \`${id.slice(0, 60)}\` here`);
  return lineOf(control, person, row);
}

async function lineOf(control: Control, person: PersonCaller, row: GrantRow): Promise<GrantLine> {
  const { db, wrap } = control.parts;
  const deed = await readSubject(db, row.id, wrap);
  const { reason = "" } = (deed.entries[0]?.payload ?? {}) as { readonly reason?: string };
  const call = grantedCallOf(await readSubject(db, row.approval, wrap));
  const [server = "", ...tool] = row.tool.split(".");
  const context = contextOf(control, { workflow: row.workflow });
  const sees = row.person === person.email || may(person, "read-private", context).allowed;
  const shape = shapeOf(deed) ?? { target: "exact", arguments: {} };
  return {
    id: row.id,
    ...stateOf(control, row, call?.record.system ?? server),
    by: row.person,
    as: row.capacity,
    at: row.given_at,
    until: row.until,
    uses: row.uses,
    used: row.used,
    reason,
    approval: row.approval,
    workflow: row.workflow,
    agent: row.agent,
    ...(call?.onBehalfOf === undefined ? {} : { onBehalfOf: call.onBehalfOf }),
    server,
    tool: tool.join("."),
    environment: call?.environment ?? "",
    verb: call?.verb ?? "",
    target: call?.target ?? "",
    // What it is loosened to may say what somebody may not see.
    shape: sees ? shape : { ...shape, arguments: {} },
    policies: row.policies.map(({ policy }) => policy),
    ...(sees && call !== undefined ? { args: call.args } : {}),
    yours: may(person, "revoke-grant", { ...context, about: row.person }).allowed,
    receipt: `/v1/receipts/${row.id}`,
  };
}

function stateOf(control: Control, row: GrantRow, system: string): Pick<GrantLine, "state" | "because"> {
  const { ended, ended_because: because } = row;
  if (ended !== null) return { state: ended, ...(because === null ? {} : { because }) };
  if (row.used >= row.uses) return { state: "used_up" };
  if (row.is_over) return { state: "expired" };
  const { agent, workflow, tool } = row;
  const stop = findStop(control.keeper.loaded().stops, { agent, workflow, tool, system }, control.parts.ledger.now());
  return stop === undefined
    ? { state: "in_force" }
    : { state: "frozen", because: `stopped by ${stop.by}: ${stop.reason}` };
}
