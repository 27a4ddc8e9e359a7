import type { Verb } from "@countersign/contract";
import { type CompiledPolicies, verbs } from "../policy.ts";
import { translatePolicy } from "./gate.ts";
import type { ReadInvariant } from "./invariant.ts";
import { Question, type Replayed, replay } from "./question.ts";
import { type Environment, readWhole } from "./request-shape.ts";
import type { Solver } from "./solver.ts";
import type { Formula } from "./term.ts";

export interface Limits {
  /** For each question to a solver. */
  readonly questionMs: number;
  /** For each invariant, over all environments. */
  readonly invariantMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** What is known of one invariant; never a guess. */
export type Proof = {
  readonly invariant: ReadInvariant;
  /** Pairs of a tool and a verb that it was shown for. */
  readonly environments: number;
  /** The solver that was needed; absent where the policies' own structure shows it. */
  readonly solver?: string;
  readonly milliseconds: number;
} & (
  | { readonly answer: "proved" }
  | { readonly answer: "counter-example"; readonly replayed: Replayed }
  | { readonly answer: "not decided"; readonly tool: string; readonly verb: Verb; readonly why: string }
);

/** Others wait for this process's turn no longer than that, beside one tool's own. */
const longestTurnMs = 20;

/** Tries to prove an invariant of every request that a policy set can ever be asked about. */
export async function prove(
  policies: CompiledPolicies,
  invariant: ReadInvariant,
  solver: Solver,
  limits: Limits,
): Promise<Proof> {
  const started = limits.now();
  const tools = Object.keys(policies.tools).sort();
  const environments = tools.length * verbs.length;
  const known = { names: policies.names, whole: wholeOf(policies, invariant) };
  let asked = false;
  let rested = started;
  const told = (): Pick<Proof, "invariant" | "environments" | "solver" | "milliseconds"> => ({
    invariant,
    environments,
    ...(asked && solver.name !== undefined ? { solver: solver.name } : {}),
    milliseconds: Math.round(limits.now() - started),
  });
  let undecided: Extract<Proof, { readonly answer: "not decided" }> | undefined;
  for (const verb of verbs) {
    if (isProvenForAny(policies, invariant, verb, known)) continue;
    for (const tool of tools) {
      if (limits.now() - rested > longestTurnMs) {
        await new Promise((resolve) => setImmediate(resolve));
        rested = limits.now();
      }
      const question = new Question({ tool, verb, types: policies.tools[tool] ?? {}, ...known }, [policies]);
      const broken = statement(question, invariant, tool, verb);
      if (broken.op === "false" || question.isRefuted(broken)) continue;
      const leftMs = started + limits.invariantMs - limits.now();
      if (leftMs <= 0) {
        undecided ??= { ...told(), answer: "not decided", tool, verb, why: "there was no time left for all tools" };
        break;
      }
      asked = true;
      const answer = await question.ask(broken, solver, Math.min(limits.questionMs, leftMs), limits.now, (input) =>
        replay(invariant, policies, input),
      );
      if (answer.kind === "found") return { ...told(), answer: "counter-example", replayed: answer.replayed };
      // A counter-example elsewhere says more than this.
      if (answer.kind === "undecided") undecided ??= { ...told(), answer: "not decided", tool, verb, why: answer.why };
    }
  }
  return undecided === undefined ? { ...told(), answer: "proved" } : { ...undecided, ...told() };
}

/**
 * For every tool at once: where the forbids that name no tool and no agent already exclude it, nothing that others permit
 * can bring it back.
 */
function isProvenForAny(
  policies: CompiledPolicies,
  invariant: ReadInvariant,
  verb: Verb,
  known: Pick<Environment, "names" | "whole">,
): boolean {
  const question = new Question({ tool: undefined, verb, types: {}, ...known }, [policies]);
  const { translation } = question;
  const { terms } = translation;
  const holds = question.holds(invariant);
  if (holds.op === "false") return true;
  const general = policies.policies.filter(
    ({ mode, effect, principal, action }) =>
      mode !== "observe" && effect === "forbid" && principal === null && (action === null || action.includes(verb)),
  );
  const told = general.map((policy) => ({ policy, ...translatePolicy(translation, policy.syntax) }));
  const bars = (of: typeof told) => terms.not(terms.or(...of.flatMap(({ holds: one, fault }) => [one, fault])));
  const enforced = bars(invariant.never === "allow" ? told : told.filter(({ policy }) => policy.cure === undefined));
  const observed = terms.and(
    question.mayBeObserved(policies),
    bars(told.filter(({ policy }) => policy.mode === "always")),
  );
  const passes = invariant.observed && invariant.never === "allow" ? terms.or(enforced, observed) : enforced;
  return question.isRefuted(terms.and(holds, passes));
}

function wholeOf({ policies }: CompiledPolicies, { syntax }: ReadInvariant): ReadonlySet<string> {
  return readWhole([...policies.flatMap((one) => one.syntax.conditions.map(({ body }) => body)), syntax]);
}

/** That the effect comes although it must never come. */
function statement(question: Question, invariant: ReadInvariant, tool: string, verb: Verb): Formula {
  const { terms } = question.translation;
  const holds = question.holds(invariant);
  if (holds.op === "false") return holds;
  const { allow, require, mayPass, observed } = question.gate(0, tool, verb);
  const passes = invariant.observed ? terms.and(observed, mayPass) : terms.no;
  return invariant.never === "allow"
    ? terms.and(holds, terms.or(allow, passes))
    : terms.and(holds, require, terms.not(terms.and(observed, mayPass)));
}
