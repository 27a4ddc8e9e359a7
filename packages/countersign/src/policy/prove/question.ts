import type { Decision, DecisionInput, Verb } from "@countersign/contract";
import { compileExpression } from "../cedar/expression.ts";
import { World } from "../cedar/world.ts";
import { cureState } from "../cure.ts";
import { decide } from "../decide.ts";
import type { CompiledPolicies } from "../policy.ts";
import { projectArguments } from "../project-arguments.ts";
import { cedarRequest } from "../request.ts";
import { slicesOf } from "../slice.ts";
import { curedSources, type Side } from "./cured-source.ts";
import { Requests } from "./environment.ts";
import { type Gate, gateOf } from "./gate.ts";
import type { ReadInvariant } from "./invariant.ts";
import { refute } from "./refute.ts";
import type { Environment } from "./request-shape.ts";
import type { Solver } from "./solver.ts";
import type { Formula } from "./term.ts";
import { Translation } from "./translate.ts";
import { readHereAlone } from "./unreadable.ts";
import { inputsFrom, otherThan, termsOf } from "./witness.ts";

export const mostTries = 6;

/** A request that was decided by the product's own evaluator as it is told. */
export interface Replayed {
  readonly input: DecisionInput;
  readonly decision: Decision;
}

/** One environment in one or two policy sets, translated together. */
export class Question {
  readonly translation: Translation<Requests>;
  readonly #sides: readonly [Side, ...Side[]];
  readonly #unreadables: Formula[] = [];

  constructor(environment: Environment, sets: readonly [CompiledPolicies, ...CompiledPolicies[]]) {
    const { tool, verb } = environment;
    const sideOf = (policies: CompiledPolicies, at: number): Side => ({
      name: `${at}`,
      policies,
      sources: tool === undefined ? [] : curedSources(slicesOf(policies, tool, verb).enforced.policies),
    });
    const [first, ...more] = sets;
    this.#sides = [sideOf(first, 0), ...more.map((policies, at) => sideOf(policies, at + 1))];
    this.translation = new Translation((terms, sets) => new Requests(terms, sets, environment, this.#sides));
  }

  get #requests(): Requests {
    return this.translation.world;
  }

  /** What the policies of one set make of every request here. */
  gate(at: number, tool: string, verb: Verb): Gate & { readonly observed: Formula } {
    const side = this.#sides[at];
    if (side === undefined) throw new Error("there is no such side");
    this.#requests.lookAs(side);
    const { policies, reads } = slicesOf(side.policies, tool, verb).enforced;
    const names = this.#sides.flatMap((other) =>
      other === side
        ? []
        : readHereAlone(
            { types: side.policies.tools[tool] ?? {}, reads },
            { types: other.policies.tools[tool] ?? {}, reads: slicesOf(other.policies, tool, verb).enforced.reads },
          ),
    );
    const unreadable = this.translation.terms.or(...names.map((name) => this.#unreadable(name, side)));
    return { ...gateOf(this.translation, policies, unreadable), observed: this.#requests.observed() };
  }

  /**
   * That no argument is unreadable which one set reads and the other does not: requests that people know. Call it after
   * `gate`. One set by itself needs none of it: such an argument only denies, and no invariant forbids that.
   */
  readable(): Formula {
    return this.translation.terms.not(this.translation.terms.or(...this.#unreadables));
  }

  #unreadable(name: string, side: Side): Formula {
    const { terms, world } = this.translation;
    const text = terms.declare("Bool");
    world.variables.push({ path: ["unreadable", name, side.name], of: "bool", text });
    const is = terms.atom(text);
    this.#unreadables.push(is);
    return is;
  }

  /** Where some workflow's agent could be let pass because it is only observed, whoever asks. */
  mayBeObserved(policies: CompiledPolicies): Formula {
    const isAny = Object.values(policies.workflows).some(({ mode }) => mode === "observe");
    return isAny ? this.#requests.outsideProduction() : this.translation.terms.no;
  }

  /** Whether a condition holds without a fault, as the first set sees the request. */
  holds(invariant: ReadInvariant): Formula {
    this.#requests.lookAs(this.#sides[0]);
    const { fault, is } = this.translation.bool(this.translation.of(invariant.syntax));
    return this.translation.terms.and(this.translation.terms.not(fault), is);
  }

  facts(): readonly Formula[] {
    const fromSets = this.translation.sets.facts();
    return [...this.#requests.facts, ...fromSets];
  }

  /** Whether the statement can hold at all, without asking a solver. */
  isRefuted(statement: Formula): boolean {
    return statement.op === "false" || refute([statement, ...this.facts()]);
  }

  /**
   * Asks a solver for a request of which the statement holds, until one is confirmed. `none` is proven; `undecided` says why
   * nothing is known.
   */
  async ask(
    statement: Formula,
    solver: Solver,
    timeMs: number,
    now: () => number,
    confirm: (input: DecisionInput) => Replayed | undefined,
  ): Promise<
    | { readonly kind: "none" }
    | { readonly kind: "found"; readonly replayed: Replayed }
    | { readonly kind: "undecided"; readonly why: string }
  > {
    const { terms, sets, unknown } = this.translation;
    const facts = this.facts();
    const end = now() + timeMs;
    let script: readonly string[] = [
      ...terms.lines,
      ...facts.map((fact) => `(assert ${terms.say(fact)})`),
      `(assert ${terms.say(statement)})`,
    ];
    const [why] = unknown;
    const unmodelled =
      why === undefined ? "no request that a solver found is decided so by the evaluator" : `${why} is not modelled`;
    let pushed = 0;
    try {
      for (let tries = 0; tries < mostTries; tries++) {
        const answer = await solver.check(script, Math.max(1, end - now()));
        pushed++;
        if (answer.kind === "failed") return { kind: "undecided", why: answer.why };
        // What was tried and not confirmed is ruled out by the script, which is no proof of it.
        if (answer.kind === "unsat") return tries === 0 ? { kind: "none" } : { kind: "undecided", why: unmodelled };
        const values = await solver.values(termsOf(this.#requests, sets), Math.max(1, end - now()));
        if (values === undefined) return { kind: "undecided", why: "the solver's answer cannot be read" };
        const sources = this.#sides.flatMap((side) => side.sources);
        const unique = [...new Map(sources.map((source) => [`${source.id} ${source.digest}`, source])).values()];
        const policies = (this.#sides[1] ?? this.#sides[0]).policies;
        for (const input of inputsFrom(this.#requests, sets, values, policies, unique)) {
          const replayed = confirm(named(input)) ?? confirm(input);
          if (replayed !== undefined) return { kind: "found", replayed };
        }
        script = [otherThan(this.#requests, sets, values)];
      }
      return { kind: "undecided", why: unmodelled };
    } finally {
      for (; pushed > 0; pushed--) await solver.forget();
    }
  }
}

/** A target with a name where the solver left it empty, if that changes nothing. */
function named(input: DecisionInput): DecisionInput {
  return input.resource.target === "" ? { ...input, resource: { ...input.resource, target: "target" } } : input;
}

/** Decides the request as the gate would, and looks whether it is what the invariant says must never be. */
export function replay(
  invariant: ReadInvariant,
  policies: CompiledPolicies,
  input: DecisionInput,
): Replayed | undefined {
  const decision = decide(input, policies);
  const isEffect = decision.effect === invariant.never && (invariant.observed || decision.observed === undefined);
  return isEffect && conditionHolds(invariant, policies, input) ? { input, decision } : undefined;
}

function conditionHolds(invariant: ReadInvariant, policies: CompiledPolicies, input: DecisionInput): boolean {
  const { enforced } = slicesOf(policies, input.action.tool, input.action.verb);
  const cured = enforced.policies.flatMap(({ id, digest, cure }) =>
    cure !== undefined && cureState({ id, digest, cure }, input).kind === "met" ? [id] : [],
  );
  const { record } = projectArguments(input.args, policies.tools[input.action.tool] ?? {}, null);
  try {
    return (
      compileExpression(invariant.syntax)(
        new World(cedarRequest(input, policies, cured, record, policies.names.zones)),
      ) === true
    );
  } catch {
    return false;
  }
}
