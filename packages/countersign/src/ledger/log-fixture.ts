import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import type { Db } from "../db/db.ts";
import { systemClock } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { silent } from "../floor/log.ts";
import type { Draft } from "./entry.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { readSubject, type Subject } from "./read.ts";
import { SubjectKey } from "./seal.ts";
import { openSequencer, type Sequencer, type SequencerOptions } from "./sequence.ts";

const origin = "log.acme.example";
const wrap = { seal: (bytes: Uint8Array) => Buffer.from(bytes), open: (bytes: Uint8Array) => Buffer.from(bytes) };

/** A database with real writers, for tests of the log over it. */
export interface LogFixture {
  readonly base: TestDatabase;
  readonly origin: string;
  readonly folder: string;
  readonly alarms: string[];
  writer(): Promise<Ledger>;
  /** An action that runs and is done: two entries. */
  act(ledger: Ledger, subject?: string): Promise<string>;
  record(ledger: Ledger, draft: Draft): Promise<void>;
  read(subject: string): Promise<Subject>;
  sequencer(change?: Partial<SequencerOptions>): Sequencer;
  /** As someone who owns the database would: past every trigger. */
  tamper(statement: string, values?: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

export async function openLogFixture(): Promise<LogFixture> {
  const base = await openTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), "log-"));
  const alarms: string[] = [];
  const ledgers: Ledger[] = [];
  const record = async (ledger: Ledger, draft: Draft): Promise<void> => {
    const key = new SubjectKey(draft.subject, createHash("sha256").update(draft.subject).digest());
    const keys = draft.step === 0 ? { keys: [{ subject: draft.subject, wrapped: key.wrapped(wrap) }] } : {};
    await ledger.append({ sealed: [key.seal(draft)], ...keys });
  };
  const read = (subject: string, db: Db = base.db): Promise<Subject> => readSubject(db, subject, wrap);
  return {
    base,
    origin,
    folder,
    alarms,
    record,
    read,
    async writer() {
      const ledger = await openLedger({ db: base.db, clock: systemClock, log: silent, host: "test" });
      ledgers.push(ledger);
      return ledger;
    },
    async act(ledger, subject = newId("act")) {
      const draft = { subject, agent: "coder", workflow: "docs", tool: "files.write", run: "run_1" };
      await record(ledger, {
        ...draft,
        step: 0,
        kind: "intent",
        from: "received",
        to: "running",
        payload: { args: { path: "a" } },
      });
      await record(ledger, { ...draft, step: 1, kind: "outcome", from: "running", to: "done", payload: { ok: true } });
      return subject;
    },
    sequencer: (change = {}) =>
      openSequencer({
        db: base.db,
        clock: systemClock,
        log: silent,
        folder,
        origin,
        holder: newId("wrt"),
        anchors: [],
        readSubject: read,
        alarm: (sentence) => alarms.push(sentence),
        anchorEveryMs: 0,
        // Git and openssl are processes of their own, and may be slow.
        anchorIdleMs: 50_000,
        ...change,
      }),
    async tamper(statement, values = []) {
      const table = /(entry|leaf|tile|checkpoint)\b/.exec(statement)?.[1] ?? "entry";
      await base.owner.query(`alter table ${table} disable trigger user`);
      await base.owner.query(statement, values);
      await base.owner.query(`alter table ${table} enable trigger user`);
    },
    async close() {
      for (const ledger of ledgers) await ledger.close();
      await base.close();
    },
  };
}
