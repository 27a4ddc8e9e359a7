import { randomBytes } from "node:crypto";
import { migrate, openDb, startEmbedded } from "../packages/countersign/src/db/index.ts";
import { systemClock } from "../packages/countersign/src/floor/clock.ts";
import { newId } from "../packages/countersign/src/floor/id.ts";
import { createLog } from "../packages/countersign/src/floor/log.ts";
import { openLedger } from "../packages/countersign/src/ledger/ledger.ts";
import { SubjectKey } from "../packages/countersign/src/ledger/seal.ts";
import { createSealer } from "../packages/countersign/src/secrets/sealer.ts";
import { serveParent } from "./child.ts";
import { argumentsOf } from "./notes.ts";

/** The audit layer alone, as a process of its own: what the hall writes of a call, without a hall. */
const { folder } = JSON.parse(process.argv[2] ?? "{}") as { readonly folder: string };
const log = createLog("error");
const server = await startEmbedded({ dataDir: folder, log });
const owner = openDb(server.owner, { log, max: 2 });
await migrate(owner);
await owner.close();
const db = openDb(server.app, { log, max: 4 });
const ledger = await openLedger({ db, clock: systemClock, log, host: "bench" });
const wrap = createSealer([{ id: "00000001", key: randomBytes(32) }]);
const said = { agent: "runner", workflow: "bench", tool: "notes.write_note", run: "run_bench" };

async function one(n: number): Promise<void> {
  const subject = newId("act");
  const key = new SubjectKey(subject);
  const move = { ...said, subject };
  const intent = {
    ...move,
    step: 0,
    kind: "intent",
    from: "received",
    to: "running",
    payload: argumentsOf("write_note", n),
  } as const;
  const outcome = {
    ...move,
    step: 1,
    kind: "outcome",
    from: "running",
    to: "done",
    payload: { kind: "answered", answeredAt: "now", result: "x".repeat(512) },
  } as const;
  await ledger.append({ sealed: [key.seal(intent)], keys: [{ subject, wrapped: key.wrapped(wrap) }] });
  await ledger.append({ sealed: [key.seal(outcome)] });
}

async function run(given: { readonly calls: number; readonly callers: number }): Promise<number> {
  let left = given.calls;
  const started = performance.now();
  const caller = async (): Promise<void> => {
    while (left-- > 0) await one(left);
  };
  await Promise.all(Array.from({ length: given.callers }, caller));
  return given.calls / ((performance.now() - started) / 1000);
}

serveParent(
  {},
  {
    run,
    close: async () => {
      await ledger.close();
      await db.close();
      await server.stop();
    },
  },
);
