import type { Parts } from "../action/index.ts";
import { readSubject } from "../ledger/read.ts";

/** More than these are not looked into. */
const most = 50;

/** Actions besides these that hold some of their content: the undo of one of them, or what one of them undid. */
export async function linkedWith({ db, wrap }: Parts, subjects: readonly string[]): Promise<readonly string[]> {
  const linked = new Set<string>();
  for (const subject of subjects.slice(0, most)) {
    const { entries } = await readSubject(db, subject, wrap);
    for (const { payload } of entries) {
      const { call, by } = (payload ?? {}) as { readonly call?: { readonly reverses?: string }; readonly by?: string };
      for (const id of [call?.reverses, by]) if (id?.startsWith("act_") === true) linked.add(id);
    }
  }
  for (const subject of subjects) linked.delete(subject);
  return [...linked].sort();
}
