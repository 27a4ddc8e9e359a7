import type { DecisionInput } from "@countersign/contract";
import { leanDecision } from "../action/record.ts";
import { recordsOf } from "../action/stored-record.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { readSubject } from "../ledger/read.ts";
import { type Decided, readSince } from "../ledger/read-since.ts";
import { countSince } from "../ledger/replay-sql.ts";
import { decide, differingMembers, type OutcomeChange, outcomeChange, outcomeFor } from "../policy/index.ts";
import type { WorkspaceFiles } from "../workspace/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { draftWorkspace } from "./draft-workspace.ts";
import type { LoadSources } from "./load-plane.ts";
import { noteReads } from "./note-reads.ts";

export interface SimulateRequest {
  readonly files: WorkspaceFiles;
  readonly sinceMs: number;
  /** How many decisions at most, the newest first. */
  readonly limit: number;
  readonly workflow?: string;
  /** This action alone, whenever it was. */
  readonly action?: string;
}

export interface SimulatedChange {
  readonly change: OutcomeChange;
  readonly action: string;
  readonly step: number;
  readonly at: string;
  readonly workflow: string;
  readonly agent: string;
  readonly tool: string;
  readonly was: "allow" | "require" | "deny";
  readonly is: "allow" | "require" | "deny";
  readonly policies: readonly string[];
}

export interface Simulation {
  readonly since: string;
  /** Actions whose decisions were looked at. */
  readonly actions: number;
  readonly replayed: number;
  /** Actions whose content was erased: what was asked is not known any more. */
  readonly erased: number;
  /** True where `limit` left older decisions out. */
  readonly limited: boolean;
  readonly counts: { readonly [change in OutcomeChange]: number };
  readonly by: readonly {
    readonly workflow: string;
    readonly tool: string;
    readonly change: OutcomeChange;
    readonly count: number;
  }[];
  /** The newest of them; `counts` has them all. */
  readonly changes: readonly SimulatedChange[];
  /** Whether the set in force still says to each input what was stored, byte for byte. */
  readonly reproduced: {
    readonly same: number;
    /** Decided by a set that is not in force any more: not compared. */
    readonly otherSet: number;
    readonly differing: readonly {
      readonly action: string;
      readonly step: number;
      readonly members: readonly string[];
    }[];
  };
  readonly took: { readonly readMs: number; readonly reproduceMs: number; readonly evaluateMs: number };
}

export type SimulationStep =
  | { readonly progress: { readonly done: number; readonly all: number } }
  | { readonly report: Simulation };

const mostChanges = 1_000;
const mostDiffering = 100;

/**
 * Asks draft policies what the ledger's stored inputs asked the ones in force, and tells what would be decided otherwise.
 * It only reads, and who read is in the ledger. For people who may read what is private; a DRI names their workflow.
 */
export async function simulatePolicies(
  control: Control,
  sources: LoadSources,
  person: PersonCaller,
  request: SimulateRequest,
): Promise<AsyncGenerator<SimulationStep>> {
  const { workflow } = request;
  requireMay(person, "read-private", contextOf(control, workflow === undefined ? {} : { workflow }));
  const draft = await draftWorkspace(sources, request.files, 0);
  const nowMs = control.parts.ledger.now();
  const since = new Date(nowMs - request.sinceMs).toISOString();
  const range = { since, until: new Date(nowMs).toISOString(), most: request.limit };
  await noteReads(control, person, { ...range, ...(workflow === undefined ? {} : { workflow }) }, "policy simulate");
  return replay(control, draft.policies, request, since);
}

async function* replay(
  control: Control,
  draft: Parameters<typeof outcomeFor>[1],
  request: SimulateRequest,
  since: string,
): AsyncGenerator<SimulationStep> {
  const { parts } = control;
  const { policies } = control.keeper.loaded();
  const filter = { since, ...(request.workflow === undefined ? {} : { workflow: request.workflow }) };
  const all = request.action === undefined ? await countSince(parts.db, { ...filter, before: "act_~" }) : 1;
  const source =
    request.action === undefined
      ? readSince(parts.db, filter, parts.wrap)
      : [[await onlyThis(parts, request.action, request.workflow)]];
  const tick = (): number => parts.clock.tick();
  const counts = { allowed: 0, denied: 0, asked: 0, waiting: 0, "asked otherwise": 0 };
  const by = new Map<string, { workflow: string; tool: string; change: OutcomeChange; count: number }>();
  const changes: SimulatedChange[] = [];
  const differing: { action: string; step: number; members: readonly string[] }[] = [];
  const took = { readMs: 0, reproduceMs: 0, evaluateMs: 0 };
  let [actions, replayed, erased, same, otherSet] = [0, 0, 0, 0, 0];
  let read = tick();
  pages: for await (const subjects of source) {
    took.readMs += tick() - read;
    for (const subject of subjects) {
      if (replayed >= request.limit) break pages;
      actions++;
      if (subject.erased) erased++;
      for (const [at, record] of recordsOf(subject).entries()) {
        const step = subject.entries[at]?.step;
        if (record?.input === undefined || record.decision === undefined || step === undefined) continue;
        const { input, decision } = record;
        replayed++;
        const started = tick();
        // The digest of an input costs more than deciding about it: it is made only where it is compared.
        const isSameSet =
          decision.policySet.digest === policies.digest && decision.policySet.revision === policies.revision;
        const again = isSameSet ? decide(input, policies) : undefined;
        const was = again ?? outcomeFor(input, policies);
        if (again === undefined) otherSet++;
        else {
          const members = differingMembers(decision, leanDecision(again));
          if (members === undefined) same++;
          else if (differing.length < mostDiffering) differing.push({ action: subject.subject, step, members });
        }
        const compared = tick();
        const is = outcomeFor(input, draft);
        const change = outcomeChange(was, is);
        took.reproduceMs += compared - started;
        took.evaluateMs += tick() - compared;
        if (change === undefined) continue;
        counts[change]++;
        count(by, input, change);
        if (changes.length < mostChanges)
          changes.push({
            change,
            action: subject.subject,
            step,
            at: input.at,
            workflow: input.principal.workflow,
            agent: input.principal.agent,
            tool: input.action.tool,
            was: was.effect,
            is: is.effect,
            policies: is.determining.map((policy) => policy.id),
          });
      }
    }
    yield { progress: { done: Math.min(actions, all), all } };
    await new Promise((resolve) => setImmediate(resolve));
    read = tick();
  }
  yield {
    report: {
      since,
      actions,
      replayed,
      erased,
      limited: replayed >= request.limit && actions < all,
      counts,
      by: [...by.values()].sort((one, other) => other.count - one.count),
      changes,
      reproduced: { same, otherSet, differing },
      took,
    },
  };
}

/** One action as `readSince` tells of many. */
async function onlyThis({ db, wrap }: Control["parts"], action: string, workflow?: string): Promise<Decided> {
  const { key, entries } = await readSubject(db, action, wrap);
  if (entries.length === 0 || (workflow !== undefined && entries[0]?.entry.workflow !== workflow))
    throw new Problem("not_found", `there is no action \`${action.slice(0, 60)}\` here`);
  return {
    subject: action,
    atMs: Date.parse(entries[0]?.entry.at ?? ""),
    erased: key === null,
    entries: entries.map(({ entry, payload }) => ({ step: entry.step, payload })),
  };
}

function count(
  by: Map<string, { workflow: string; tool: string; change: OutcomeChange; count: number }>,
  { principal: { workflow }, action: { tool } }: DecisionInput,
  change: OutcomeChange,
): void {
  const key = `${workflow}\n${tool}\n${change}`;
  const known = by.get(key) ?? { workflow, tool, change, count: 0 };
  known.count++;
  by.set(key, known);
}
