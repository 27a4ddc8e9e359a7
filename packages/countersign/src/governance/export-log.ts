import { type PersonCaller, requireMay } from "../identity/index.ts";
import { exportLog as lines } from "../ledger/export-log.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** The whole log as lines that verify offline: what entries say in clear, never what is sealed. Who took it is on record. */
export async function exportLog(control: Control, person: PersonCaller): Promise<AsyncIterable<string>> {
  requireMay(person, "export", contextOf(control, {}));
  await govern(control, {
    kind: "read",
    person: person.email,
    payload: { export: "log", method: person.method },
    raises: false,
  });
  return lines(control.parts.db);
}
