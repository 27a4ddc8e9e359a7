import { readCall } from "../action/index.ts";
import { Problem } from "../floor/problem.ts";
import { may, type PersonCaller } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { lookedAtNext } from "./sql.ts";

export interface ShownUnknown {
  readonly action: string;
  readonly sentence: string;
  /** How the plane looks by itself. */
  readonly look: { readonly tool: string | null; readonly sentence: string; readonly nextAt: string | null };
  /** Why the asking person may not settle it; null where they may. */
  readonly notYours: string | null;
}

/** What is known of a call that never answered, and how the plane tries to find out. */
export async function readUnknown(control: Control, person: PersonCaller, id: string): Promise<ShownUnknown> {
  const { state, server, tool, workflow, sentence } = await control.hall.get(person, id);
  if (state !== "unknown")
    throw new Problem("conflict", `this action is ${state} by now, not unknown`, { help: `look at \`${id}\`` });
  const known = control.keeper.loaded().catalog.tool(server, tool);
  const { args } = await readCall(control.parts, id);
  const rule = known?.classify(args).reconcile ?? known?.reconcile;
  const permission = may(person, "operate-unknown", contextOf(control, { workflow }));
  return {
    action: id,
    sentence,
    look: {
      tool: rule === undefined ? null : `${server}.${rule.tool}`,
      sentence:
        rule === undefined
          ? `no reviewed rule of \`${server}.${tool}\` says how to look whether it happened: only a person can find out`
          : `the plane calls \`${server}.${rule.tool}\` and could not yet tell from its answer`,
      nextAt: rule === undefined ? null : await lookedAtNext(control.parts.db, id),
    },
    notYours: permission.allowed ? null : permission.because,
  };
}
