import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "@countersign/contract";
import type { CallRecord } from "../packages/countersign/src/action/record.ts";
import type { Assembled } from "../packages/countersign/src/assemble.ts";
import { newId } from "../packages/countersign/src/floor/id.ts";
import type { Draft } from "../packages/countersign/src/ledger/entry.ts";
import { readSubject } from "../packages/countersign/src/ledger/read.ts";
import { SubjectKey } from "../packages/countersign/src/ledger/seal.ts";

const perAppend = 100;
const appendsAtOnce = 4;
const workflows = 20;

export interface Filled {
  readonly fillSeconds: number;
  readonly logSeconds: number;
  /** Until the lookup's index had everything. */
  readonly indexSeconds: number;
}

/**
 * Copies one action that truly ended, as often as asked, through the ledger's own writer: every key, link and proof is
 * real. Each copy acts on a target of its own, where `copied` says nothing else. `of`: some action that ran where missing.
 */
export async function fill(plane: Assembled, count: number, copied = elsewhere, of?: string): Promise<Filled> {
  const { ledger, wrap } = plane.control.parts;
  const model = await modelOf(plane, of);
  const started = performance.now();
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      const many = Math.min(perAppend, left);
      left -= many;
      const workflow = `bench${(left / perAppend) % workflows === 0 ? "" : `-${Math.floor(left / perAppend) % workflows}`}`;
      const run = newId("run");
      const keys = [];
      const sealed = [];
      for (let i = 0; i < many; i++) {
        const subject = newId("act");
        const key = new SubjectKey(subject);
        keys.push({ subject, wrapped: key.wrapped(wrap) });
        for (const draft of model)
          sealed.push(key.seal({ ...draft, payload: copied(draft.payload, left + i), subject, workflow, run }));
      }
      await ledger.append({ keys, sealed });
    }
  };
  await Promise.all(Array.from({ length: appendsAtOnce }, worker));
  const fillSeconds = (performance.now() - started) / 1000;
  while ((await plane.book.lag()) > 1_000) await sleep(500);
  const logSeconds = (performance.now() - started) / 1000;
  while ((await plane.index.catchUp()) > 0);
  return { fillSeconds, logSeconds, indexSeconds: (performance.now() - started) / 1000 };
}

/** The same record about another target, with a ticket of its own. */
function elsewhere(payload: Json, n: number): Json {
  const { call, ...rest } = payload as { readonly call?: CallRecord };
  if (call === undefined) return payload;
  const target = `notes/folder-${n % 64}/note-${n}.md`;
  const params = { ...call.params, arguments: { ...(call.params.arguments as object), path: target } };
  return { ...rest, call: { ...call, params, target, claim: `for NOTE-${n}` } } as unknown as Json;
}

/** The entries of one finished action, as they were recorded. */
async function modelOf(plane: Assembled, of: string | undefined): Promise<readonly Draft[]> {
  const { db, control } = plane;
  const outcome = async () =>
    (await db.query<{ subject: string }>("select subject from entry where kind = 'outcome' limit 1")).rows[0]?.subject;
  let model = of ?? (await outcome());
  // The outcome of a read is written after its answer.
  for (let i = 0; model === undefined && i < 100; i++) {
    await sleep(50);
    model = await outcome();
  }
  if (model === undefined) throw new Error("no action has run that could be copied");
  const subject = await readSubject(db, model, control.parts.wrap);
  return subject.entries.map(({ entry, payload }) => ({
    subject: entry.subject,
    step: entry.step,
    kind: entry.kind as Draft["kind"],
    from: entry.from_state as Draft["from"],
    to: entry.to_state as Draft["to"],
    agent: entry.agent ?? "",
    tool: entry.tool ?? "",
    payload: payload ?? {},
  }));
}

/** Ids of actions from all over the store. */
export async function someActions(plane: Assembled, count: number): Promise<readonly string[]> {
  const found = await plane.db.query<{ writer: string; top: number }>(
    "select writer, max(seq)::int as top from entry group by writer order by 2 desc limit 1",
  );
  const { writer, top } = found.rows[0] ?? { writer: "", top: 0 };
  const numbers = Array.from({ length: count }, () => Math.floor(Math.random() * top));
  const rows = await plane.db.query<{ subject: string }>(
    "select subject from entry where writer = $1 and seq = any($2::bigint[])",
    [writer, numbers],
  );
  return rows.rows.map((row) => row.subject).filter((id) => id.startsWith("act_"));
}

/** What somebody may paste of actions from all over the store: the target as it is or as an address, a ticket, words. */
export async function somePasted(plane: Assembled, count: number): Promise<readonly string[]> {
  const { db, control } = plane;
  const pasted: string[] = [];
  for (const [at, id] of (await someActions(plane, count)).entries()) {
    const subject = await readSubject(db, id, control.parts.wrap);
    const call = (subject.entries[0]?.payload as { readonly call?: CallRecord } | null)?.call;
    if (call?.claim === undefined) continue;
    const name = call.target.split("/").at(-1) ?? "";
    const forms = [
      call.target,
      `file:///${call.target}`,
      name,
      `see ${call.claim.slice(4)} please`,
      `${name} ${call.tool}`,
    ];
    pasted.push(forms[at % forms.length] ?? "");
  }
  return pasted;
}
