import type { JsonObject } from "@countersign/contract";
import { newId } from "../../packages/countersign/src/floor/id.ts";
import type { Draft } from "../../packages/countersign/src/ledger/entry.ts";
import { readSubject } from "../../packages/countersign/src/ledger/read.ts";
import { SubjectKey } from "../../packages/countersign/src/ledger/seal.ts";
import type { TestPlane } from "./plane.ts";

/** An entry as it is written, with what it says open. */
export type Told = Omit<Draft, "payload"> & { readonly payload: JsonObject };

/** Decided and sent when it is written, however long ago the real one was. */
function asOfNow(payload: JsonObject): JsonObject {
  const soon = new Date(Date.now() + 60_000).toISOString();
  const { dispatchedAt, input } = payload;
  return {
    ...payload,
    ...(dispatchedAt === undefined ? {} : { dispatchedAt: soon }),
    ...(input === undefined ? {} : { input: { ...(input as JsonObject), at: soon } }),
  };
}

/** Writes an action into the log as no gate would: the entries of a real one, otherwise. */
export async function plantIn(
  plane: TestPlane,
  of: string,
  otherwise: (entries: readonly Told[]) => readonly Told[],
): Promise<string> {
  const { parts } = plane.running.control;
  const real = await readSubject(parts.db, of, parts.wrap);
  const id = newId("act", Date.now());
  const sealing = new SubjectKey(id);
  const drafts = real.entries.map(({ entry, payload }): Told => {
    const { kind, from_state: from, to_state: to, agent, workflow, tool, run, person } = entry;
    const who = { agent, workflow, tool, run, ...(person === null ? {} : { person }) };
    return { subject: id, step: 0, kind, from, to, ...who, payload: asOfNow(payload as JsonObject) } as unknown as Told;
  });
  const sealed = otherwise(drafts).map((draft, step) => sealing.seal({ ...draft, step }));
  await parts.ledger.append({ sealed, keys: [{ subject: id, wrapped: sealing.wrapped(parts.wrap) }] });
  return id;
}
