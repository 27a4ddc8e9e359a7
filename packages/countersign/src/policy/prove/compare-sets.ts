import { canonical, type DecisionInput, type Json, type Verb } from "@countersign/contract";
import type { ArgumentTypes } from "../argument-types.ts";
import { decide } from "../decide.ts";
import type { FactNames } from "../fact-names.ts";
import { type CompiledPolicies, verbs } from "../policy.ts";
import { slicesOf } from "../slice.ts";
import { asksOtherwise } from "./asks-otherwise.ts";
import type { Gate } from "./gate.ts";
import type { Limits } from "./prove.ts";
import { Question } from "./question.ts";
import { readWhole } from "./request-shape.ts";
import type { Solver } from "./solver.ts";
import type { Formula, Terms } from "./term.ts";

/** What a change of policies can do to a call: `asked otherwise` where both ask for something, and not for the same. */
export const differences = ["allowed", "denied", "asks a person", "asked otherwise"] as const;
export type Difference = (typeof differences)[number];

interface Decided {
  readonly effect: "allow" | "require" | "deny";
  readonly sentence: string;
  readonly determining: readonly string[];
}

/** One environment in which something is, or may be, newly so. */
export type Finding = { readonly tool: string; readonly verb: Verb; readonly newly: Difference } & (
  | { readonly answer: "request"; readonly input: DecisionInput; readonly before: Decided; readonly after: Decided }
  | { readonly answer: "not decided"; readonly why: string }
);

export interface Comparison {
  /** Pairs of a tool and a verb whose rules are the same in both. */
  readonly same: number;
  /** Those whose rules differ. */
  readonly compared: number;
  /** Of those compared, in how many it is proven that nothing is newly so. */
  readonly proven: { readonly [newly in Difference]: number };
  readonly findings: readonly Finding[];
  readonly solver?: string;
  readonly milliseconds: number;
}

/** What becomes newly allowed, newly denied, newly a person's to decide and asked otherwise, for every tool and verb: proven, or a request. */
export async function compareSets(
  before: CompiledPolicies,
  after: CompiledPolicies,
  solver: Solver,
  limits: Limits & { readonly allMs: number },
): Promise<Comparison> {
  const started = limits.now();
  const tools = [...new Set([...Object.keys(before.tools), ...Object.keys(after.tools)])].sort();
  const findings: Finding[] = [];
  const proven = { allowed: 0, denied: 0, "asks a person": 0, "asked otherwise": 0 };
  let [same, compared, asked] = [0, 0, false];
  for (const tool of tools) {
    for (const verb of verbs) {
      if (isSame(before, after, tool, verb)) {
        same++;
        continue;
      }
      compared++;
      for (const newly of differences) {
        const leftMs = Math.min(limits.questionMs, started + limits.allMs - limits.now());
        const found = await compareOne(before, after, { tool, verb, newly }, solver, leftMs, limits.now);
        asked ||= found.asked;
        if (found.finding === undefined) proven[newly]++;
        else findings.push(found.finding);
      }
    }
  }
  return {
    same,
    compared,
    proven,
    findings,
    ...(asked && solver.name !== undefined ? { solver: solver.name } : {}),
    milliseconds: Math.round(limits.now() - started),
  };
}

/** Whether nothing that decides about the tool has changed. */
function isSame(before: CompiledPolicies, after: CompiledPolicies, tool: string, verb: Verb): boolean {
  const [was, is] = [typesOf(before, tool), typesOf(after, tool)];
  return (
    slicesOf(before, tool, verb).enforced.key === slicesOf(after, tool, verb).enforced.key &&
    JSON.stringify(was) === JSON.stringify(is) &&
    JSON.stringify(before.workflows) === JSON.stringify(after.workflows)
  );
}

function union(one: FactNames, other: FactNames): FactNames {
  const both = (of: keyof FactNames) => [...new Set([...one[of], ...other[of]])].sort();
  return { windows: both("windows"), steps: both("steps"), zones: both("zones") };
}

function typesOf(policies: CompiledPolicies, tool: string): ArgumentTypes | undefined {
  return Object.hasOwn(policies.tools, tool) ? policies.tools[tool] : undefined;
}

interface Asked {
  readonly tool: string;
  readonly verb: Verb;
  readonly newly: Difference;
}

async function compareOne(
  before: CompiledPolicies,
  after: CompiledPolicies,
  { tool, verb, newly }: Asked,
  solver: Solver,
  timeMs: number,
  now: () => number,
): Promise<{ readonly asked: boolean; readonly finding?: Finding }> {
  const [was, is] = [typesOf(before, tool), typesOf(after, tool)];
  const types = { ...was, ...is };
  const unlike = Object.keys(types).filter(
    (name) => was !== undefined && is !== undefined && JSON.stringify(was[name]) !== JSON.stringify(is[name]),
  );
  const sides = [before, after] as const;
  const read = sides.flatMap((set) =>
    slicesOf(set, tool, verb).enforced.policies.flatMap(({ syntax }) => syntax.conditions),
  );
  const whole = readWhole(read.map(({ body }) => body));
  const question = new Question({ tool, verb, types, unlike, names: union(before.names, after.names), whole }, sides);
  const { terms } = question.translation;
  const [old, young] = [effects(question, 0, tool, verb, was), effects(question, 1, tool, verb, is)];
  const statement =
    newly === "asked otherwise"
      ? terms.and(
          old.asks,
          young.asks,
          terms.or(terms.not(young["asks a person"]), old["asks a person"]),
          asksOtherwise(question.translation, verb, old.asking, young.asking),
        )
      : terms.and(young[newly], terms.not(old[newly]));
  if (question.isRefuted(statement)) return { asked: false };
  if (timeMs <= 0)
    return {
      asked: false,
      finding: { tool, verb, newly, answer: "not decided", why: "there was no time left for all tools" },
    };
  const confirm = (input: DecisionInput) => {
    const [first, second] = [decide(input, before), decide(input, after)];
    const isSo =
      newly === "asked otherwise" ? isAskedOtherwise(first, second) : isNewly(newly, second) && !isNewly(newly, first);
    return isSo ? { input, decision: second } : undefined;
  };
  const answer = await askReadableFirst(question, statement, solver, timeMs, now, confirm);
  if (answer.kind === "none") return { asked: true };
  if (answer.kind === "undecided")
    return { asked: true, finding: { tool, verb, newly, answer: "not decided", why: answer.why } };
  const { input, decision } = answer.replayed;
  return {
    asked: true,
    finding: {
      tool,
      verb,
      newly,
      answer: "request",
      input,
      before: decidedAs(decide(input, before)),
      after: decidedAs(decision),
    },
  };
}

/** A request that people know says more than one with an argument that no policy can read; both have to be ruled out. */
async function askReadableFirst(
  question: Question,
  statement: Formula,
  solver: Solver,
  timeMs: number,
  now: () => number,
  confirm: Parameters<Question["ask"]>[4],
): ReturnType<Question["ask"]> {
  const end = now() + timeMs;
  const usual = question.translation.terms.and(statement, question.readable());
  if (usual.id !== statement.id && !question.isRefuted(usual)) {
    const answer = await question.ask(usual, solver, timeMs, now, confirm);
    if (answer.kind === "found") return answer;
  }
  return question.ask(statement, solver, Math.max(1, end - now()), now, confirm);
}

type Effects = { readonly [newly in Exclude<Difference, "asked otherwise">]: Formula } & {
  /** Something is asked for that can be given. */
  readonly asks: Formula;
  readonly asking: Gate["asking"];
};

/** What one set says; of a tool that it does not know, no. */
function effects(question: Question, at: number, tool: string, verb: Verb, types: ArgumentTypes | undefined): Effects {
  const { terms } = question.translation;
  if (types === undefined)
    return { allowed: terms.no, denied: terms.yes, "asks a person": terms.no, asks: terms.no, asking: [] };
  const { allow, require, person, mayPass, observed, asking } = question.gate(at, tool, verb);
  const passes = terms.and(observed, mayPass);
  return {
    allowed: terms.or(allow, passes),
    denied: terms.not(terms.or(allow, require, passes)),
    "asks a person": without(terms, person, passes),
    asks: without(terms, require, passes),
    asking,
  };
}

function without(terms: Terms, one: Formula, other: Formula): Formula {
  return terms.and(one, terms.not(other));
}

type Decision = ReturnType<typeof decide>;

function isAskedOtherwise(first: Decision, second: Decision): boolean {
  if (first.effect !== "require" || second.effect !== "require") return false;
  if (isNewly("asks a person", second) && !isNewly("asks a person", first)) return false;
  return askedFor(first) !== askedFor(second);
}

/** What is asked for, by whichever text of its policy. */
function askedFor({ requirements }: Decision): string {
  return requirements
    .map(({ policyDigest: _text, sentence: _words, ...asked }) => canonical(asked as unknown as Json))
    .sort()
    .join("\n");
}

function isNewly(newly: Exclude<Difference, "asked otherwise">, decision: Decision): boolean {
  if (newly === "allowed") return decision.effect === "allow";
  if (newly === "denied") return decision.effect === "deny";
  return decision.effect === "require" && decision.requirements.some(({ kind }) => kind === "approval");
}

function decidedAs({ effect, sentence, determining }: Decision): Decided {
  return { effect, sentence, determining: determining.map(({ id }) => id) };
}
