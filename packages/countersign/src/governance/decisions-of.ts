import { recordsOf } from "../action/stored-record.ts";
import { readSince } from "../ledger/read-since.ts";
import type { Control } from "./control.ts";

export interface PolicyUse {
  readonly policy: string;
  readonly determined: number;
  readonly missed: number;
  readonly lastAt: string | null;
}

export interface DecisionLine {
  readonly action: string;
  readonly step: number;
  readonly at: string;
  readonly agent: string;
  readonly workflow: string;
  readonly tool: string;
  readonly effect: "allow" | "require" | "deny";
  readonly held: boolean;
  readonly sentence: string;
}

export interface DecisionsOf {
  readonly looked: number;
  readonly isWhole: boolean;
  readonly since: string;
  readonly policies: readonly PolicyUse[];
  readonly decisions: readonly DecisionLine[];
}

const mostActions = 1_000;
const mostLines = 100;
const backMs = 30 * 86_400_000;

/** What each policy in force said about the newest actions; of one that is named also each decision, near misses too. */
export async function decisionsOf(control: Control, asked?: string): Promise<DecisionsOf> {
  const { parts } = control;
  const { policies } = control.keeper.loaded().policies;
  const since = new Date(parts.ledger.now() - backMs).toISOString();
  const uses = new Map(
    policies.map(({ id }) => [id, { policy: id, determined: 0, missed: 0, lastAt: null as string | null }]),
  );
  const decisions: DecisionLine[] = [];
  let looked = 0;
  let isWhole = true;
  pages: for await (const page of readSince(parts.db, { since }, parts.wrap)) {
    for (const subject of page) {
      if (looked >= mostActions) {
        isWhole = false;
        break pages;
      }
      looked++;
      for (const [at, record] of recordsOf(subject).entries()) {
        if (record?.input === undefined || record.decision === undefined) continue;
        const { input, decision } = record;
        const said = [
          ...decision.determining.map(({ id }) => ({ policy: id, held: true, sentence: decision.sentence })),
          ...decision.nearMiss.map(({ policy, sentence }) => ({ policy, held: false, sentence })),
        ];
        for (const { policy, held, sentence } of said) {
          const use = uses.get(policy);
          if (use !== undefined) {
            use[held ? "determined" : "missed"]++;
            use.lastAt ??= input.at;
          }
          if (policy !== asked || decisions.length >= mostLines) continue;
          const { agent, workflow } = input.principal;
          const step = subject.entries[at]?.step ?? 0;
          const line = { action: subject.subject, step, at: input.at, agent, workflow, tool: input.action.tool };
          decisions.push({ ...line, effect: decision.effect, held, sentence });
        }
      }
    }
  }
  return { looked, isWhole, since, policies: [...uses.values()], decisions };
}
