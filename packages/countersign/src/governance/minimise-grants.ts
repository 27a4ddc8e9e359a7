import { decidedLately, mostActions } from "../action/index.ts";
import { readPins } from "../catalog/sql.ts";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/index.ts";
import { replay, tryCompile } from "../policy/index.ts";
import { check, lineDifference, narrowWorkflow } from "../workspace/index.ts";
import { policySources } from "./compile-workspace.ts";
import type { Control } from "./control.ts";
import type { LoadSources } from "./load-plane.ts";
import { noteReads } from "./note-reads.ts";
import { scopesOf } from "./scopes-of.ts";

export interface MinimalGrants {
  readonly workflow: string;
  readonly days: number;
  /** Decisions that were looked at, and whether those were all of them. */
  readonly looked: number;
  readonly isWhole: boolean;
  readonly used: readonly { readonly tool: string; readonly calls: number }[];
  /** Granted, and not asked for once. */
  readonly unused: readonly string[];
  readonly file: string;
  readonly text: string;
  /** Line by line; empty where nothing can be taken away. */
  readonly difference: readonly string[];
  readonly replay: {
    /** Decisions that allowed or asked people. */
    readonly work: number;
    /** Of these, the ones that the proposed file decides as the one in force does. */
    readonly same: number;
    readonly broken: readonly { readonly action: string; readonly now: string; readonly narrowed: string }[];
  };
}

const dayMs = 86_400_000;

/**
 * Proposes a workflow file that still lets through what the workflow did, and shows that it does: every stored decision
 * input of its work is decided again under the proposed rules. It changes nothing; a person applies the file.
 */
export async function minimiseGrants(
  control: Control,
  sources: LoadSources,
  person: PersonCaller,
  name: string,
  days: number,
): Promise<MinimalGrants> {
  const { workspace, files, policies, catalog } = control.keeper.loaded();
  const workflow = workspace?.workflows.find((one) => one.name === name);
  if (workflow === undefined) throw new Problem("not_found", `there is no workflow \`${name.slice(0, 100)}\` in force`);
  const file = `workflows/${name}.yaml`;
  const nowMs = control.parts.ledger.now();
  const sinceMs = nowMs - days * dayMs;
  const range = { since: new Date(sinceMs).toISOString(), until: new Date(nowMs).toISOString(), most: mostActions };
  await noteReads(control, person, { ...range, workflow: name }, "grants minimise");
  const { decided, isWhole } = await decidedLately(control.parts, { sinceMs, workflow: name });
  const work = decided.filter(({ decision }) => decision.effect !== "deny");
  const granted = [...workflow.allow, ...workflow.ask.map(({ tool }) => tool)];
  const calls = new Map<string, number>();
  for (const { input } of work) calls.set(input.action.tool, (calls.get(input.action.tool) ?? 0) + 1);
  const unused = granted.filter((tool) => !calls.has(tool));
  const scopes = scopesOf(work.map(({ input }) => input).filter(({ action }) => granted.includes(action.tool)));
  const before = files[file] ?? "";
  const kept = new Set(
    workflow.guardrails.flatMap(({ use, name: own }) => (use === "only-within" ? [own ?? use] : [])),
  );
  const text =
    work.length === 0
      ? before
      : narrowWorkflow(
          before,
          unused,
          scopes.filter((scope) => !kept.has(scope.name)),
        );
  const checked = check({ ...files, [file]: text }, { packs: sources.packs });
  const [problem] = checked.problems.filter(({ severity }) => severity === "error");
  if (checked.workspace === undefined)
    throw new Problem("conflict", `the narrower file would not pass its check: ${problem?.message ?? ""}`);
  const compiled = await tryCompile({
    ...policySources(checked.workspace, catalog, await readPins(sources.db), 0),
    absent: "expect",
  });
  if (!compiled.ok)
    throw new Problem("conflict", `the narrower rules do not compile: ${compiled.faults[0]?.detail ?? ""}`);
  const inputs = work.map(({ input }) => input);
  const broken = replay(inputs, policies, compiled.policies).map(({ at, ...effects }) => ({
    action: work[at]?.action ?? "",
    ...effects,
  }));
  return {
    workflow: name,
    days,
    looked: decided.length,
    isWhole,
    used: [...calls].map(([tool, count]) => ({ tool, calls: count })).sort((a, b) => (a.tool < b.tool ? -1 : 1)),
    unused,
    file,
    text,
    difference: text === before ? [] : lineDifference(before, text),
    replay: { work: work.length, same: work.length - broken.length, broken: broken.slice(0, 20) },
  };
}
