import { endedCanaries } from "../approvals/canary-sql.ts";
import type { PersonCaller } from "../identity/index.ts";
import type { Control } from "./control.ts";
import { openSeeded } from "./meet-canary.ts";

/** How a person did with what was seeded: told to them alone, and of what waits nothing. */
export interface Canaries {
  readonly share: number;
  readonly caught: number;
  readonly missed: number;
  readonly lapsed: number;
  readonly caughtShare: number | null;
  readonly last: readonly {
    readonly id: string;
    readonly at: string;
    readonly caught: boolean;
    readonly tool: string;
    readonly target: string;
    readonly sentence: string;
  }[];
}

const mostCounted = 1_000;
const mostTold = 20;

export async function showCanaries(control: Control, person: PersonCaller): Promise<Canaries> {
  const ended = await endedCanaries(control.parts.db, person.email, mostCounted);
  const answered = ended.filter(({ verdict }) => verdict !== null);
  const caught = answered.filter(({ verdict }) => verdict === "deny").length;
  return {
    share: control.keeper.loaded().workspace?.organisation.approvals.canaries.share ?? 0,
    caught,
    missed: answered.length - caught,
    lapsed: ended.length - answered.length,
    caughtShare: answered.length === 0 ? null : caught / answered.length,
    last: answered.slice(0, mostTold).map((row) => ({
      id: row.id,
      at: row.answered_at ?? "",
      caught: row.verdict === "deny",
      tool: `${row.server}.${row.tool}`,
      target: row.target,
      sentence: openSeeded(control, row)?.bad ?? row.shape,
    })),
  };
}
