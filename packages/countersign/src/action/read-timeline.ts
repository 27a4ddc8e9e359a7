import type { State } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import { listActions } from "../ledger/list-sql.ts";
import type { Disclosed } from "../ledger/read.ts";
import { readSubjects } from "../ledger/run-sql.ts";
import type { Parts } from "./parts.ts";
import { isMistyped } from "./record.ts";
import { recordsOf } from "./stored-record.ts";

/** One action of a run, with every move that it made. Nothing here is private: no argument, no result. */
export interface TimedAction {
  readonly id: string;
  readonly state: State;
  readonly tool: string;
  readonly verb: string;
  readonly system: string;
  readonly environment: string;
  /** Empty where it was erased. */
  readonly target: string;
  /** Empty where it was erased. */
  readonly argsDigest: string;
  readonly effect: string | null;
  readonly policies: readonly string[];
  readonly requires: readonly string[];
  readonly checks: readonly { readonly name: string; readonly verdict: string }[];
  readonly refusal?: string;
  readonly isError?: boolean;
  readonly reverses?: string;
  readonly reversedBy?: string;
  /** What it touches of money, where its tool's file says which argument that is. */
  readonly money?: { readonly minor: number; readonly currency: string };
  readonly moves: readonly {
    readonly at: string;
    readonly kind: string;
    readonly to: string | null;
    readonly person: string | null;
    readonly writer: string;
  }[];
}

/** What happened in a run, newest first, with the moments of it. */
export async function readTimeline(
  parts: Parts,
  run: string,
  { before, limit }: { readonly before?: string; readonly limit: number },
): Promise<{ readonly actions: readonly TimedAction[]; readonly next?: string }> {
  const lines = await listActions(parts.db, { run, limit, ...(before === undefined ? {} : { before }) });
  if (lines.length === 0 && before === undefined)
    throw new Problem("not_found", `there is no run \`${run.slice(0, 60)}\` that did anything`);
  const ids = lines.map(({ subject }) => subject);
  const opened = await readSubjects(parts.db, ids, parts.wrap);
  const actions = ids.map((id) => timedOf(id, opened.get(id) ?? []));
  const last = ids.at(-1);
  return { actions, ...(ids.length < limit || last === undefined ? {} : { next: last }) };
}

function timedOf(id: string, entries: readonly Disclosed[]): TimedAction {
  const records = recordsOf({ entries });
  const call = records[0]?.call;
  const decided = records.findLast((record) => record?.decision !== undefined);
  // What it was held for stays told once it is there.
  const asking = records.find((record) => (record?.decision?.requirements.length ?? 0) > 0);
  const outcome = records.findLast((record) => record?.kind !== undefined);
  const refusal = records.findLast((record) => record?.refusal !== undefined)?.refusal;
  const by = (entries.find(({ entry }) => entry.to_state === "reversed")?.payload as { by?: string } | undefined)?.by;
  const checks = [...(decided?.checks ?? []), ...(outcome === decided ? [] : (outcome?.checks ?? []))];
  const money = decided?.input.facts.reach?.money;
  return {
    id,
    state: (entries.at(-1)?.entry.to_state ?? "received") as State,
    tool: entries[0]?.entry.tool ?? "",
    verb: call?.verb ?? "",
    system: call?.system ?? "",
    environment: call?.environment ?? "",
    target: call?.target ?? "",
    argsDigest: call?.argsDigest ?? "",
    effect: decided?.decision.effect ?? null,
    policies: decided?.decision.determining.map((policy) => policy.id) ?? [],
    requires: asking?.decision.requirements.map((requirement) => requirement.sentence) ?? [],
    checks: checks.map(({ name, verdict }) => ({ name, verdict })),
    ...(refusal === undefined ? {} : { refusal }),
    ...(outcome == null
      ? {}
      : { isError: outcome.isError === true || outcome.error !== undefined || isMistyped(outcome) }),
    ...(call?.reverses === undefined ? {} : { reverses: call.reverses }),
    ...(by === undefined ? {} : { reversedBy: by }),
    ...(money === undefined ? {} : { money }),
    moves: entries.map(({ entry }) => ({
      at: entry.at,
      kind: entry.kind,
      to: entry.to_state,
      person: entry.person,
      writer: entry.writer,
    })),
  };
}
