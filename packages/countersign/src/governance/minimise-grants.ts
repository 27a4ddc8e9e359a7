import type { DecisionInput } from "@countersign/contract";
import { readPins } from "../catalog/sql.ts";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/index.ts";
import { type CompiledPolicies, replay, tryCompile } from "../policy/index.ts";
import { check, lineDifference, narrowWorkflow } from "../workspace/index.ts";
import { policySources } from "./compile-workspace.ts";
import type { Control } from "./control.ts";
import { type DecidedSince, decidedSince, mostActions } from "./decided-since.ts";
import type { LoadSources } from "./load-plane.ts";
import { noteReads } from "./note-reads.ts";
import { scopesOf } from "./scopes-of.ts";

export interface MinimalGrants {
  readonly workflow: string;
  readonly days: number;
  /** Decisions that were looked at. */
  readonly looked: number;
  /** False where there were more than are read: then nothing is called unused, and nothing proposed. */
  readonly isWhole: boolean;
  readonly used: readonly { readonly tool: string; readonly calls: number }[];
  /** Granted, and not asked for once. */
  readonly unused: readonly string[];
  readonly file: string;
  readonly text: string;
  /** Line by line; empty where nothing can be taken away. */
  readonly difference: readonly string[];
  readonly replay: {
    /** Decisions that allowed or asked people, each decided again; none where nothing is proposed of them. */
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
  most = mostActions,
): Promise<MinimalGrants> {
  const { workspace, files, policies, catalog } = control.keeper.loaded();
  const workflow = workspace?.workflows.find((one) => one.name === name);
  if (workflow === undefined) throw new Problem("not_found", `there is no workflow \`${name.slice(0, 100)}\` in force`);
  const file = `workflows/${name}.yaml`;
  const nowMs = control.parts.ledger.now();
  const sinceMs = nowMs - days * dayMs;
  const range = { since: new Date(sinceMs).toISOString(), until: new Date(nowMs).toISOString(), most };
  await noteReads(control, person, { ...range, workflow: name }, "grants minimise");
  const decided = await decidedSince(control.parts, { sinceMs, workflow: name, most });
  const { isWhole } = decided;
  const { looked, calls, places } = await usesOf(decided);
  const granted = [...workflow.allow, ...workflow.ask.map(({ tool }) => tool)];
  // What was not looked at may have used anything.
  const unused = isWhole ? granted.filter((tool) => !calls.has(tool)) : [];
  const scopes = scopesOf(places.filter(({ action }) => granted.includes(action.tool)));
  const before = files[file] ?? "";
  const kept = new Set(
    workflow.guardrails.flatMap(({ use, name: own }) => (use === "only-within" ? [own ?? use] : [])),
  );
  const text =
    calls.size === 0 || !isWhole
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
  return {
    workflow: name,
    days,
    looked,
    isWhole,
    used: [...calls].map(([tool, count]) => ({ tool, calls: count })).sort((a, b) => (a.tool < b.tool ? -1 : 1)),
    unused,
    file,
    text,
    difference: text === before ? [] : lineDifference(before, text),
    replay: isWhole ? await replayed(decided, policies, compiled.policies) : { work: 0, same: 0, broken: [] },
  };
}

type Place = Pick<DecisionInput, "action" | "resource">;

interface Uses {
  readonly looked: number;
  /** Calls that were allowed or asked about, by their tools. */
  readonly calls: ReadonlyMap<string, number>;
  /** Where they were used, each place once. */
  readonly places: readonly Place[];
}

async function usesOf(decided: DecidedSince): Promise<Uses> {
  let looked = 0;
  const calls = new Map<string, number>();
  const places = new Map<string, Place>();
  await decided.each(({ input: { action, resource }, decision }) => {
    looked++;
    if (decision.effect === "deny") return;
    calls.set(action.tool, (calls.get(action.tool) ?? 0) + 1);
    places.set(JSON.stringify([action.tool, resource.environment.name, resource.target]), { action, resource });
  });
  return { looked, calls, places: [...places.values()] };
}

const mostBroken = 20;

async function replayed(
  decided: DecidedSince,
  inForce: CompiledPolicies,
  narrower: CompiledPolicies,
): Promise<MinimalGrants["replay"]> {
  let work = 0;
  let same = 0;
  const broken: { action: string; now: string; narrowed: string }[] = [];
  await decided.each(({ action, input, decision }) => {
    if (decision.effect === "deny") return;
    work++;
    const [other] = replay([input], inForce, narrower);
    if (other === undefined) same++;
    else if (broken.length < mostBroken) broken.push({ action, now: other.now, narrowed: other.narrowed });
  });
  return { work, same, broken };
}
