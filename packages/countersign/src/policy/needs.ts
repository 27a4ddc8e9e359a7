import { durationMs } from "./duration.ts";
import type { CompiledPolicies } from "./policy.ts";
import { isAcross, readStep, readWindow, type StepRule, type WindowRule } from "./window.ts";

export interface NeededWindow extends WindowRule {
  /** The policy's id. */
  readonly name: string;
  readonly withinMs?: number;
}

export interface NeededStep extends StepRule {
  readonly name: string;
}

/** The facts of a call that somebody has to gather before it is decided. */
export interface Needs {
  /** Windows that a policy reads for this tool. */
  readonly asked: readonly NeededWindow[];
  /** Windows that a call of this tool is counted in. */
  readonly counted: readonly NeededWindow[];
  /** Windows that begin anew with a call of this tool. */
  readonly ends: readonly NeededWindow[];
  readonly steps: readonly NeededStep[];
}

const nothing: Needs = { asked: [], counted: [], ends: [], steps: [] };

// Owned here alone: a function of the policy set, and dies with it.
const known = new WeakMap<CompiledPolicies, Gathered>();

export function needsOf(policies: CompiledPolicies, workflow: string, tool: string): Needs {
  const gathered = known.get(policies) ?? gather(policies);
  known.set(policies, gathered);
  const { needs, across } = gathered;
  const own = needs.get(`${workflow} ${tool}`) ?? needs.get(`${workflow} `) ?? nothing;
  const others = across.get(tool)?.filter((one) => one.workflow !== workflow) ?? [];
  if (others.length === 0) return own;
  return { ...own, counted: [...own.counted, ...others.map(({ window }) => window)] };
}

interface OfWorkflow {
  readonly workflow: string;
  readonly window: NeededWindow;
}

interface Gathered {
  readonly needs: ReadonlyMap<string, Needs>;
  /** Windows that count a tool's calls in whichever workflow. */
  readonly across: ReadonlyMap<string, readonly OfWorkflow[]>;
}

function gather({ policies }: CompiledPolicies): Gathered {
  const found = new Map<string, { [kind in "asked" | "counted" | "ends"]: NeededWindow[] } & { steps: NeededStep[] }>();
  const previous: OfWorkflow[] = [];
  const across = new Map<string, OfWorkflow[]>();
  for (const { id: name, source, principal, action, annotations } of policies) {
    if (source !== "workflow" || principal === null) continue;
    const at = (tool: string) => {
      const key = `${principal.id} ${tool}`;
      const one = found.get(key) ?? { asked: [], counted: [], ends: [], steps: [] };
      found.set(key, one);
      return one;
    };
    const window = readWindow(annotations.window ?? "");
    if (window !== undefined) {
      const withinMs = window.within === undefined ? undefined : durationMs(window.within);
      const needed = { name, ...window, ...(withinMs === undefined ? {} : { withinMs }) };
      for (const tool of action ?? []) at(tool).asked.push(needed);
      for (const tool of window.tools) {
        at(tool).counted.push(needed);
        if (isAcross(window))
          across.set(tool, [...(across.get(tool) ?? []), { workflow: principal.id, window: needed }]);
      }
      if (window.since !== undefined) at(window.since).ends.push(needed);
      if (window.kind === "previous") previous.push({ workflow: principal.id, window: needed });
    }
    const step = readStep(annotations.step ?? "");
    if (step !== undefined) for (const tool of action ?? []) at(tool).steps.push({ name, ...step });
  }
  for (const { workflow, window } of previous) {
    // Under no tool's name stands what every tool has that no policy names.
    const others = found.get(`${workflow} `) ?? { asked: [], counted: [], ends: [], steps: [] };
    found.set(`${workflow} `, others);
    for (const [key, { ends }] of found)
      if (key.startsWith(`${workflow} `) && !isOnlyCounted(window, key.slice(workflow.length + 1))) ends.push(window);
  }
  return { needs: found, across };
}

/** Where a call of these tools counts from its intent on, it is the newest; where it has to be done first, it also ends what was done before it. */
function isOnlyCounted(window: NeededWindow, tool: string): boolean {
  return window.done !== true && window.tools.includes(tool);
}

const flowing = new WeakMap<CompiledPolicies, boolean>();

/** Whether a policy that does not ship reads what a run has read: then it is gathered for plain reads too. */
export function readsFlow(policies: CompiledPolicies): boolean {
  const known =
    flowing.get(policies) ?? policies.policies.some((one) => one.source !== "shipped" && /\bflow\b/.test(one.text));
  flowing.set(policies, known);
  return known;
}
