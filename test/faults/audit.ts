import type { Db } from "../../packages/countersign/src/db/db.ts";
import { leafHash } from "../../packages/countersign/src/ledger/entry.ts";
import type { Effect } from "./recorder.ts";

/** What a client was told, and so may rely on. */
export interface Ack {
  readonly action: string;
  readonly marker: string;
  readonly state: string;
}

/** What must never be. Each line names the action or writer and what is wrong. */
export interface Violations {
  readonly duplicates: readonly string[];
  readonly withoutIntent: readonly string[];
  readonly lost: readonly string[];
  readonly chain: readonly string[];
  /** States that say something else than what happened, actions left open, approvals not spent. */
  readonly untrue: readonly string[];
}

export interface Audited {
  readonly violations: Violations;
  readonly actions: number;
  readonly effects: number;
  /** Actions that were unknown at some time, and how many of them nobody had to be asked about. */
  readonly unknown: number;
  readonly resolved: number;
}

interface ActionRow {
  readonly subject: string;
  readonly tool: string;
  readonly states: readonly string[];
}

/** Compares the upstream's own record with the ledger. Reads the tables as they are, with none of the product's reading code. */
export async function audit(db: Db, effects: readonly Effect[], acks: readonly Ack[]): Promise<Audited> {
  const { rows } = await db.query<ActionRow>(
    `select subject, max(tool) as tool, array_agg(to_state order by step) as states from entry
     where subject like 'act\\_%' group by subject`,
  );
  const actions = new Map(rows.map((row) => [row.subject, row]));
  const last = (action: string): string | undefined => actions.get(action)?.states.at(-1);
  const wasUnknown = rows.filter((row) => row.states.includes("unknown"));
  return {
    violations: {
      duplicates: duplicates(effects),
      withoutIntent: effects.flatMap((effect) => intentFault(effect, actions.get(effect.action))),
      lost: acks.flatMap((ack) => ackFault(ack, last(ack.action))),
      chain: await chainFaults(db),
      untrue: [...untrue(effects, rows, last), ...(await unspent(db))],
    },
    actions: rows.length,
    effects: effects.length,
    unknown: wasUnknown.length,
    resolved: wasUnknown.filter((row) => row.states.at(-1) !== "unknown").length,
  };
}

function duplicates(effects: readonly Effect[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { marker, tool } of effects) counts.set(`${tool} ${marker}`, (counts.get(`${tool} ${marker}`) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > 1).map(([name, count]) => `${name} happened ${count} times`);
}

function intentFault(effect: Effect, action: ActionRow | undefined): readonly string[] {
  if (action === undefined || !action.states.includes("running")) return [`${effect.action} has no intent`];
  return effect.intentSeen === false ? [`${effect.action} was sent before its intent was on disk`] : [];
}

function ackFault(ack: Ack, state: string | undefined): readonly string[] {
  if (state === undefined) return [`${ack.action} was acknowledged as ${ack.state} and is not there`];
  const ended = ack.state === "done" || ack.state === "failed" || ack.state === "refused";
  return ended && state !== ack.state ? [`${ack.action} was acknowledged as ${ack.state} and is ${state}`] : [];
}

function untrue(
  effects: readonly Effect[],
  rows: readonly ActionRow[],
  last: (action: string) => string | undefined,
): readonly string[] {
  const acted = new Set(effects.map((effect) => effect.action));
  const said = effects.flatMap(({ action }) => {
    const state = last(action);
    return state === "failed" || state === "refused" ? [`${action} happened and is recorded as ${state}`] : [];
  });
  const open = rows.flatMap(({ subject, states }) => {
    const state = states.at(-1) ?? "";
    if (state === "running" || state === "ready") return [`${subject} was left ${state}`];
    const wrote = rows.find((row) => row.subject === subject)?.tool.endsWith("put") === true;
    return state === "done" && wrote && !acted.has(subject) ? [`${subject} is done and never happened`] : [];
  });
  return [...said, ...open];
}

/** What people have to agree to did not run without one of them, and where it ran, no approval is left to be used again. */
async function unspent(db: Db): Promise<readonly string[]> {
  const alone = await db.query<{ subject: string }>(
    `select subject from entry where to_state = 'running' and tool like '%.ask\\_put'
       and not exists (select 1 from answer a where a.action = subject and a.verdict = 'approve' and a.at <= recorded_at)`,
  );
  const { rows } = await db.query<{ action: string }>(
    `select distinct a.action from answer a join entry e on e.subject = a.action and e.to_state = 'running'
     where a.verdict = 'approve' and a.consumed_at is null and a.revoked_at is null and a.at <= e.recorded_at`,
  );
  return [
    ...alone.rows.map((row) => `${row.subject} ran and nobody had agreed`),
    ...rows.map((row) => `${row.action} ran and left its approval unspent`),
  ];
}

interface EntryRow {
  readonly writer: string;
  readonly seq: number;
  readonly subject: string;
  readonly step: number;
  readonly to_state: string | null;
  readonly leaf: Buffer;
  readonly hash: Buffer;
  readonly late: boolean;
}

async function chainFaults(db: Db): Promise<readonly string[]> {
  const { rows } = await db.query<EntryRow>(
    `select e.writer, e.seq, e.subject, e.step, e.to_state, e.leaf, e.hash,
       coalesce(e.recorded_at > w.fenced_at + interval '1 second', false) as late
     from entry e join writer w on w.id = e.writer order by e.writer, e.seq`,
  );
  const faults: string[] = [];
  let writer = "";
  let seq = 0;
  let prev = "";
  for (const row of rows) {
    if (row.writer !== writer) [writer, seq, prev] = [row.writer, 0, Buffer.alloc(32).toString("base64")];
    const leaf = parsed(row.leaf);
    const at = `${row.writer} ${row.seq}`;
    if (Number(row.seq) !== seq) faults.push(`${at} follows ${seq - 1}`);
    if (leaf.prev !== prev) faults.push(`${at} does not link to the entry before it`);
    if (!leafHash(row.leaf).equals(row.hash)) faults.push(`${at} has another hash than its leaf`);
    if (
      leaf.subject !== row.subject ||
      leaf.step !== row.step ||
      leaf.to !== row.to_state ||
      leaf.seq !== Number(row.seq)
    )
      faults.push(`${at} has a row that differs from its leaf`);
    if (row.late) faults.push(`${at} was written after its writer was fenced`);
    seq = Number(row.seq) + 1;
    prev = row.hash.toString("base64");
  }
  return faults;
}

function parsed(leaf: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(leaf.toString("utf8")) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export function total(violations: Violations): number {
  return Object.values(violations).reduce((sum, lines) => sum + (lines as readonly string[]).length, 0);
}
