import { setTimeout as sleep } from "node:timers/promises";
import type { Assembled } from "../packages/countersign/src/assemble.ts";
import { newId } from "../packages/countersign/src/floor/id.ts";
import type { Draft } from "../packages/countersign/src/ledger/entry.ts";
import { readSubject } from "../packages/countersign/src/ledger/read.ts";
import { SubjectKey } from "../packages/countersign/src/ledger/seal.ts";

const perAppend = 100;
const appendsAtOnce = 4;
const workflows = 20;

/** Copies one action that truly ran, as often as asked, through the ledger's own writer: every key, link and proof is real. */
export async function fill(
  plane: Assembled,
  count: number,
): Promise<{ readonly fillSeconds: number; readonly logSeconds: number }> {
  const { ledger, wrap } = plane.control.parts;
  const model = await modelOf(plane);
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
        for (const draft of model) sealed.push(key.seal({ ...draft, subject, workflow, run }));
      }
      await ledger.append({ keys, sealed });
    }
  };
  await Promise.all(Array.from({ length: appendsAtOnce }, worker));
  const fillSeconds = (performance.now() - started) / 1000;
  while ((await plane.book.lag()) > 1_000) await sleep(500);
  return { fillSeconds, logSeconds: (performance.now() - started) / 1000 };
}

/** The entries of one finished action, as they were recorded. */
async function modelOf(plane: Assembled): Promise<readonly Draft[]> {
  const { db, control } = plane;
  const found = await db.query<{ subject: string }>("select subject from entry where kind = 'outcome' limit 1");
  const subject = await readSubject(db, found.rows[0]?.subject ?? "", control.parts.wrap);
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
