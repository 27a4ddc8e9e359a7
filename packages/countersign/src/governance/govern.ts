import type { EntryKind, Json } from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import { newId } from "../floor/id.ts";
import { SubjectKey } from "../ledger/seal.ts";
import type { Control } from "./control.ts";
import { raiseRevision } from "./sql.ts";

export interface Deed {
  readonly kind: EntryKind;
  /** Who did it: a person's address, or `countersign` for what the plane does by itself. */
  readonly person: string;
  readonly payload: object;
  readonly workflow?: string;
  readonly agent?: string;
  readonly tool?: string;
  readonly id?: string;
  /** Runs in the entry's transaction; may run again. */
  readonly change?: (tx: Tx) => Promise<void>;
  /** False where nothing that is in force changes. */
  readonly raises?: boolean;
}

/** One deed of governance: its change and its ledger entry in one transaction, in force here when it resolves. */
export async function govern(control: Pick<Control, "parts" | "keeper">, deed: Deed): Promise<string> {
  const { parts } = control;
  const subject = deed.id ?? newId("gov", parts.clock.now());
  const key = new SubjectKey(subject);
  const raises = deed.raises !== false;
  const sealed = key.seal({
    subject,
    step: 0,
    kind: deed.kind,
    from: null,
    to: null,
    person: deed.person,
    ...(deed.workflow === undefined ? {} : { workflow: deed.workflow }),
    ...(deed.agent === undefined ? {} : { agent: deed.agent }),
    ...(deed.tool === undefined ? {} : { tool: deed.tool }),
    payload: JSON.parse(JSON.stringify(deed.payload)) as Json,
  });
  await parts.ledger.append({
    sealed: [sealed],
    keys: [{ subject, wrapped: key.wrapped(parts.wrap) }],
    within: async (tx) => {
      await deed.change?.(tx);
      if (raises) await raiseRevision(tx);
    },
  });
  if (raises) await control.keeper.refresh();
  return subject;
}
