import type {
  EditLink,
  Json,
  Question,
  Reach,
  ReadByRun,
  Requirement,
  ReversalPlan,
  Risk,
  UndoLink,
} from "@countersign/contract";
import { readSubject, type Subject } from "../ledger/read.ts";
import { shownBeyond } from "./beyond.ts";
import { listOpen, type OpenRow, openRow } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import { saidOf } from "./shown.ts";
import { recordsOf } from "./stored-record.ts";
import { weighed } from "./weighed.ts";

/** An action that waits for people: the effect first, the raw call to the last byte, the agent's own words last. */
export interface OpenAction {
  readonly id: string;
  readonly state: OpenRow["state"];
  readonly agent: string;
  readonly workflow: string;
  readonly run: string;
  readonly server: string;
  readonly tool: string;
  readonly verb: string;
  readonly target: string;
  readonly environment: string;
  readonly callDigest: string;
  readonly requirements: readonly Requirement[];
  readonly sentence: string;
  readonly openedAt: string;
  readonly expiresAt?: string;
  readonly frozenBy?: string;
  /** To whom it was escalated with the right to answer. */
  readonly standIns?: readonly string[];
  readonly onBehalfOf?: string;
  /** Who vouched for the login of that person; without such a person, who issued the agent's key. */
  readonly vouchedBy?: readonly string[];
  /** Present where one action was asked for. */
  readonly args?: Json;
  /** What travels with the arguments: answers to a question of the server, metadata. */
  readonly beyond?: Json;
  readonly before?: Json;
  readonly plan?: ReversalPlan;
  readonly claim?: string;
  readonly risk?: Risk;
  readonly reach?: { readonly counts: Reach; readonly sentence: string };
  readonly flow?: ReadByRun;
  readonly questions?: readonly Question[];
  readonly editOf?: EditLink;
  /** In a list without the reason. */
  readonly undoes?: UndoLink;
}

export async function openAction(parts: Parts, id: string): Promise<OpenAction | undefined> {
  const row = await openRow(parts.db, id);
  return row === undefined ? undefined : openOf(row, await readSubject(parts.db, id, parts.wrap));
}

/** What waits, of its row and its entries: whoever holds the row's lock knows that it is what would be shown now. */
export function openOf(row: OpenRow, subject: Subject): OpenAction {
  const records = recordsOf(subject);
  const call = records[0]?.call;
  const beyond = call === undefined ? undefined : shownBeyond(call);
  const latest = records.findLast((record) => record?.plan !== undefined);
  const held = records.findLast((record) => record?.decision !== undefined);
  const { risk: _, ...line } = lineOf(row);
  return {
    ...line,
    ...(call === undefined ? {} : { args: call.args }),
    ...(beyond === undefined ? {} : { beyond }),
    ...(call?.onBehalfOf === undefined ? {} : { onBehalfOf: call.onBehalfOf }),
    ...(call?.vouchedBy === undefined ? {} : { vouchedBy: call.vouchedBy }),
    ...(call?.claim === undefined ? {} : { claim: call.claim }),
    ...(latest?.before === undefined ? {} : { before: latest.before }),
    ...(latest?.plan === undefined ? {} : { plan: latest.plan }),
    ...(held?.input === undefined ? {} : weighed(held)),
    ...saidOf(subject.entries, call),
  };
}

export async function listOpenActions(
  parts: Parts,
  states: readonly OpenRow["state"][],
  limit: number,
): Promise<readonly OpenAction[]> {
  const rows = await listOpen(parts.db, states, limit);
  return Promise.all(rows.map((row) => lineWithHands(parts, row)));
}

/** What a version before this held does not say in its row whose hands asked for it. */
export async function lineWithHands(parts: Parts, row: OpenRow): Promise<OpenAction> {
  const line = lineOf(row);
  return row.state === "held" && row.risk !== null ? line : { ...line, ...(await askedFor(parts, row.id)) };
}

/** Whose hands asked for it, which decides who may answer. */
async function askedFor(parts: Parts, id: string): Promise<Pick<OpenAction, "onBehalfOf" | "vouchedBy">> {
  const call = recordsOf(await readSubject(parts.db, id, parts.wrap))[0]?.call;
  return {
    ...(call?.onBehalfOf === undefined ? {} : { onBehalfOf: call.onBehalfOf }),
    ...(call?.vouchedBy === undefined ? {} : { vouchedBy: call.vouchedBy }),
  };
}

function lineOf(row: OpenRow): OpenAction {
  return {
    id: row.id,
    state: row.state,
    agent: row.agent,
    workflow: row.workflow,
    run: row.run,
    server: row.server,
    tool: row.tool,
    verb: row.verb,
    target: row.target,
    environment: row.environment,
    callDigest: row.call_digest,
    requirements: row.requirements,
    sentence: row.sentence,
    openedAt: row.opened_at,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(row.frozen_by === null ? {} : { frozenBy: row.frozen_by }),
    ...(row.on_behalf_of === null ? {} : { onBehalfOf: row.on_behalf_of }),
    ...(row.vouched_by === null ? {} : { vouchedBy: row.vouched_by }),
    ...(row.risk === null ? {} : { risk: row.risk }),
    ...(row.undoes === null ? {} : { undoes: row.undoes }),
    ...(row.stand_ins.length === 0 ? {} : { standIns: row.stand_ins }),
  };
}
