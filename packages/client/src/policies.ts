import type {
  ActionCase,
  Activation,
  ApproverPace,
  Files,
  NearMisses,
  PolicyChecked,
  PolicyDecisions,
  PolicyExplained,
  PolicySimulateBody,
  PolicySimulation,
  PolicySimulationLine,
  PolicyTested,
  RollBackPlan,
  RolledBack,
  RuleBinding,
  WhoCan,
  WhoCanQuery,
} from "./body.ts";
import { readLines } from "./lines.ts";
import { CountersignProblem } from "./problem.ts";
import type { Wire } from "./wire.ts";

/** Questions about policies, and about files that are not in force; only `rollBack` changes anything. */
export function policiesOf(wire: Wire) {
  return {
    /** Everything that stands against putting files in force, against the tools as they are reviewed now. */
    check: (files: Files): Promise<PolicyChecked> =>
      wire.json({ method: "POST", path: "/v1/policies/check", body: { files }, waitMs: 60_000 }),
    /** Runs the files' own tests; `every` also gives faults to what workflow files generate. */
    test: (files: Files, every = false): Promise<PolicyTested> =>
      wire.json({ method: "POST", path: "/v1/policies/test", body: { files, every }, waitMs: 120_000 }),
    /** What would be decided about a call that nobody made, and what kept other policies from holding. */
    explain: (request: string, files?: Files): Promise<PolicyExplained> =>
      wire.json({
        method: "POST",
        path: "/v1/policies/explain",
        body: { request, ...(files === undefined ? {} : { files }) },
        waitMs: 60_000,
      }),
    /** What was decided about an action last, as a file of cases, and what the set in force says of that case now. */
    caseOf: (action: string): Promise<ActionCase> =>
      wire.json({ method: "GET", path: `/v1/actions/${encodeURIComponent(action)}/case` }),
    /** Every rule of the workflows in force, with what enforces it, or that nothing does. */
    rules: async (): Promise<readonly RuleBinding[]> =>
      (await wire.json<{ rules: readonly RuleBinding[] }>({ method: "GET", path: "/v1/policies/rules" })).rules,
    /** What each policy said about the newest actions; of a named one each decision, near misses too. */
    decisions: (policy?: string): Promise<PolicyDecisions> =>
      wire.json({ method: "GET", path: "/v1/policies/decisions", query: { policy } }),
    /** What nearly happened in so many days, newest first. */
    nearMisses: (days?: number, cursor?: string, limit?: number): Promise<NearMisses> =>
      wire.json({ method: "GET", path: "/v1/near-misses", query: { days, cursor, limit } }),
    /** How long people look before they answer: what a rule that asks them costs of their time. */
    pace: (): Promise<ApproverPace> => wire.json({ method: "GET", path: "/v1/policies/pace" }),
    /** Who can do what, where and why. */
    whoCan: (query: WhoCanQuery): Promise<WhoCan> =>
      wire.json<WhoCan>({ method: "GET", path: "/v1/policies/who-can", query }),
    /** Everything that was put in force, newest first. */
    history: async (limit?: number): Promise<readonly Activation[]> =>
      (
        await wire.json<{ activations: readonly Activation[] }>({
          method: "GET",
          path: "/v1/policies/history",
          query: { limit },
        })
      ).activations,
    /** What going back to an earlier revision would change; to the one before where none is named. */
    planRollBack: (revision?: number): Promise<RollBackPlan> =>
      wire.json({
        method: "POST",
        path: "/v1/policies/rollback/plan",
        body: revision === undefined ? {} : { revision },
        waitMs: 30_000,
      }),
    /** Puts an earlier revision in force where the organisation is one person; else proposes it to a second one. */
    rollBack: (revision?: number, expected?: string): Promise<RolledBack> =>
      wire.json({
        method: "POST",
        path: "/v1/policies/rollback",
        body: { ...(revision === undefined ? {} : { revision }), ...(expected === undefined ? {} : { expected }) },
        waitMs: 30_000,
      }),
    /** Asks files what the ledger's stored inputs asked; tells how far it is, and what would be decided otherwise. */
    async simulate(
      body: PolicySimulateBody,
      progress: (done: number, all: number) => void = () => undefined,
    ): Promise<PolicySimulation> {
      const ask = { method: "POST", path: "/v1/policies/simulate", body, waitMs: 3_600_000 } as const;
      for await (const line of readLines<PolicySimulationLine>(await wire.send(ask))) {
        if ("report" in line) return line.report;
        if ("broken" in line) throw new CountersignProblem("unavailable", line.broken);
        progress(line.progress.done, line.progress.all);
      }
      throw new CountersignProblem("unavailable", "the simulation broke off");
    },
  };
}
