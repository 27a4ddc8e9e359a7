import type { EntityJson, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { JsonRecord } from "../../packages/countersign/src/policy/cedar/from-json.ts";
import { isLong } from "../../packages/countersign/src/policy/cedar/long.ts";
import { compileProgram } from "../../packages/countersign/src/policy/cedar/program.ts";
import {
  type CedarRecord,
  Entity,
  keyOf,
  RecordValue,
  type Value,
} from "../../packages/countersign/src/policy/cedar/value.ts";
import { World } from "../../packages/countersign/src/policy/cedar/world.ts";
import { translatePolicy } from "../../packages/countersign/src/policy/prove/gate.ts";
import type { Sets } from "../../packages/countersign/src/policy/prove/sets.ts";
import { Solver, solverCommands } from "../../packages/countersign/src/policy/prove/solver.ts";
import {
  certain,
  constant,
  type EntitySymbol,
  type Member,
  type NumberKind,
  type Plain,
  type RecordSymbol,
} from "../../packages/countersign/src/policy/prove/symbol.ts";
import type { KnownEntity, SymbolicWorld } from "../../packages/countersign/src/policy/prove/symbolic-world.ts";
import { type Formula, int, str, type Term, type Terms } from "../../packages/countersign/src/policy/prove/term.ts";
import { Translation } from "../../packages/countersign/src/policy/prove/translate.ts";
import type { CedarRequest } from "../../packages/countersign/src/policy/request.ts";
import { Generator } from "./generate.ts";
import { oneOperator } from "./one-operator.ts";
import { Random } from "./random.ts";

const policiesPerRequest = 60;

export interface TranslationCompared {
  /** Pairs of a policy and a request. */
  readonly cases: number;
  /** Those in which nothing was taken for unknown: the formula gives what the evaluator gives, and nothing else. */
  readonly exact: number;
  readonly faults: number;
  readonly holding: number;
  /** Questions that the solver did not answer, asked twice: no difference, and no agreement. */
  readonly unanswered: number;
  readonly differences: readonly string[];
}

/**
 * Translates random policies, gives every variable the value that a random request has, and asks the solver in both
 * directions: the formula must be able to say what the evaluator says, and where nothing is unknown, nothing else.
 */
export async function compareTranslation(
  cases: number,
  firstSeed: number,
  options: { readonly most?: number } = {},
): Promise<TranslationCompared> {
  const solver = new Solver(solverCommands(undefined));
  const differences: string[] = [];
  let [done, exact, faults, holding, unanswered] = [0, 0, 0, 0, 0];
  try {
    for (let seed = firstSeed; done < cases && differences.length < (options.most ?? 3); seed++) {
      const random = new Random(seed);
      const generator = new Generator(random);
      const request = generator.request();
      const policies = Array.from({ length: policiesPerRequest }, (_, at) => generator.policy(`p${at}`, 1))
        .filter(({ slots, syntax }) => slots === undefined && syntax.conditions.length > 0)
        .map(({ syntax }) => syntax)
        .map(
          (syntax): PolicyJson =>
            random.chance(0.5)
              ? {
                  ...syntax,
                  conditions: [{ kind: random.pick(["when", "unless"] as const), body: oneOperator(random) }],
                }
              : syntax,
        );
      const given = new Given(request);
      const translation = new Translation((terms, sets) => given.in(terms, sets));
      const { terms } = translation;
      const agree: Formula[] = [];
      const certainly: Formula[] = [];
      const told: string[] = [];
      for (const policy of policies) {
        const before = translation.unknown.length;
        const { holds, fault } = translatePolicy(translation, policy);
        const is = evaluated(policy, request);
        told.push(is);
        if (is === "fault") faults++;
        if (is === "holds") holding++;
        const same = terms.and(
          is === "fault" ? fault : terms.not(fault),
          is === "holds" ? holds : terms.not(terms.and(holds, terms.not(fault))),
        );
        agree.push(same);
        if (translation.unknown.length > before) continue;
        exact++;
        certainly.push(same);
      }
      done += policies.length;
      const facts = translation.sets.facts();
      const script = (all: Formula) => {
        const text = terms.say(all);
        const lines = terms.lines.map((line) => given.definitionOf(line) ?? line);
        return [...lines, ...facts.map((fact) => `(assert ${terms.say(fact)})`), `(assert ${text})`];
      };
      const can = await answerTo(solver, script(terms.and(...agree)));
      const cannot = await answerTo(solver, script(terms.not(terms.and(...certainly))));
      if (can === undefined || cannot === undefined) unanswered++;
      if (can === "unsat" || cannot === "sat")
        differences.push(
          `seed ${seed}: can agree: ${can}, can differ: ${cannot}\n${policies.map((policy, at) => `${told[at]}: ${JSON.stringify(policy.conditions)}`).join("\n")}\n${JSON.stringify(request)}`,
        );
    }
  } finally {
    solver.close();
  }
  return { cases: done, exact, faults, holding, unanswered, differences };
}

async function answerTo(solver: Solver, script: readonly string[]): Promise<"sat" | "unsat" | undefined> {
  for (let tries = 0; tries < 2; tries++) {
    const answer = await solver.check(script, 20_000);
    await solver.forget();
    if (answer.kind !== "failed") return answer.kind;
  }
  return undefined;
}

function evaluated(policy: PolicyJson, request: CedarRequest): "fault" | "holds" | "not" {
  try {
    return compileProgram(policy)(new World(request)) ? "holds" : "not";
  } catch {
    return "fault";
  }
}

/** A request of which every value is a variable, and for each the definition that gives it the value it has. */
class Given {
  readonly #definitions = new Map<string, string>();
  readonly #request: CedarRequest;

  constructor(request: CedarRequest) {
    this.#request = request;
  }

  in(terms: Terms, sets: Sets): SymbolicWorld {
    const { principal, action, resource, context, entities } = this.#request;
    const uid = ({ type, id }: { readonly type: string; readonly id: string }) =>
      this.#value(new Entity(type, id), terms, sets) as EntitySymbol;
    return {
      principal: uid(principal),
      action: uid(action),
      resource: uid(resource),
      context: this.#record(new JsonRecord(context as never), terms, sets),
      entities: entities.map((entity) => this.#known(entity, terms, sets)),
    };
  }

  /** In place of the declaration of a variable or set, its value; undefined where the line declares none of these. */
  definitionOf(line: string): string | undefined {
    return this.#definitions.get(/^\(declare-(?:const|fun) (\S+) /.exec(line)?.[1] ?? "");
  }

  #define(name: string, sort: string, value: string): void {
    this.#definitions.set(name, `(define-fun ${name} () ${sort} ${value})`);
  }

  #flag(value: boolean, terms: Terms): Formula {
    const name = terms.declare("Bool");
    this.#define(name, "Bool", `${value}`);
    return terms.atom(name);
  }

  #known(entity: EntityJson, terms: Terms, sets: Sets): KnownEntity {
    const world = new World(this.#request);
    const { type, id } = "__entity" in entity.uid ? entity.uid.__entity : entity.uid;
    const self = new Entity(type, id);
    const ancestors = world.ancestorsOf(self);
    const record = (of: CedarRecord | undefined) =>
      this.#record(of ?? new RecordValue(new Map<string, Value>()), terms, sets);
    return {
      is: constant(terms, self) as EntitySymbol,
      attributes: record(world.attributesOf(self)),
      tags: record(world.tagsOf(self)),
      within: (other) =>
        terms.or(
          ...ancestors.filter((one) => one.type === other.type).map((one) => terms.equal(other.id, str(one.id))),
        ),
    };
  }

  #record(record: CedarRecord, terms: Terms, sets: Sets): RecordSymbol {
    const known = new Map<string, Member>();
    const get = (name: string): Member => {
      const before = known.get(name);
      if (before !== undefined) return before;
      const value = record.get(name);
      const present = this.#flag(value !== undefined, terms);
      const member = { present, value: certain(terms, this.#value(value ?? 0, terms, sets)) };
      known.set(name, member);
      return member;
    };
    return { kind: "record", names: record.names(), get };
  }

  #value(value: Value, terms: Terms, sets: Sets): Plain {
    const is = <Of extends NumberKind | "string">(kind: Of, term: Term): Plain => {
      const variable: Term = { sort: term.sort, text: terms.declare(term.sort) };
      this.#define(variable.text, variable.sort, term.text);
      return { kind, is: variable } as Plain;
    };
    if (typeof value === "string") return is("string", str(value));
    if (isLong(value)) return is("long", int(value));
    if (typeof value === "boolean") return { kind: "bool", is: this.#flag(value, terms) };
    if (value instanceof Entity) {
      const id: Term = { sort: "String", text: terms.declare("String") };
      this.#define(id.text, "String", str(value.id).text);
      return { kind: "entity", type: value.type, id };
    }
    switch (value.kind) {
      case "decimal":
        return is("decimal", int(value.units));
      case "datetime":
      case "duration":
        return is(value.kind, int(value.ms));
      case "record":
        return this.#record(value, terms, sets);
      case "set":
        return this.#set(value.items, terms, sets);
      default:
        return constant(terms, value);
    }
  }

  #set(items: readonly Value[], terms: Terms, sets: Sets): Plain {
    const known = new Map(items.map((item) => [keyOf(item), constant(terms, item)]));
    const elements = [...known.values()];
    const [first] = elements;
    const of = first?.kind ?? "string";
    const isNamed = of === "string" || of === "long" || of === "decimal" || of === "datetime" || of === "duration";
    if (!isNamed || elements.some((element) => element.kind !== of))
      return { kind: "set", items: items.map((item) => ({ when: terms.yes, what: this.#value(item, terms, sets) })) };
    const sort = of === "string" ? "String" : "Int";
    const name = terms.declareSet(sort);
    const set = { kind: "set", name, of } as const;
    const same = elements.map((one) => `(= x ${"is" in one && "text" in one.is ? one.is.text : ""})`);
    this.#definitions.set(name, `(define-fun ${name} ((x ${sort})) Bool (or false ${same.join(" ")}))`);
    // Each of them is asked about, or a set that has them could pass for one that does not.
    for (const element of elements) sets.has(set, element);
    return set;
  }
}
