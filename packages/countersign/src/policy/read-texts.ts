import {
  type DetailedError,
  isAuthorized,
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  validate,
} from "@cedar-policy/cedar-wasm/nodejs";
import { firstMatch } from "./matched.ts";
import { narrowSchema } from "./narrow-schema.ts";
import type { ParsedPolicy, ParseReport, ParseTask, ValidateTask } from "./parse.ts";
import type { CedarText, PolicyFault } from "./policy.ts";
import { actionsIn, isOwnCureClause } from "./syntax.ts";

/**
 * Parses and validates. Called only in a worker that is thrown away: a hostile text can break this instance of the engine
 * for every later call.
 */
export function readTexts(task: ParseTask): ParseReport {
  const faults: PolicyFault[] = [];
  const read = task.texts.flatMap((text) => parse(text, faults).map((policy) => ({ policy, text })));
  const policies = read.map(({ policy }) => policy);
  if (faults.length > 0) return { policies, faults, warnings: [] };
  const told = task.schema === undefined ? none : validateAll(read, { ...task, schema: task.schema });
  return { policies, faults: [...told.faults, ...policies.flatMap(tryCure)], warnings: told.warnings };
}

/** A policy with the text that it stands in. */
interface Read {
  readonly policy: ParsedPolicy;
  readonly text: CedarText;
}

type Told = Omit<ParseReport, "policies">;

const none: Told = { faults: [], warnings: [] };

function parse(text: CedarText, faults: PolicyFault[]): readonly ParsedPolicy[] {
  const answer = policySetTextToParts(text.text);
  if (answer.type === "failure") {
    for (const error of answer.errors) faults.push(fault(text, 0, error));
    return [];
  }
  const starts = startsOf(text.text);
  const taken = new Map<string, number>();
  const startOf = (part: string): number => {
    const before = taken.get(part) ?? 0;
    taken.set(part, before + 1);
    return starts.get(part)?.[before] ?? 0;
  };
  for (const template of answer.policy_templates)
    faults.push({ file: text.file, ...place(text.text, startOf(template)), detail: "a policy has no slots" });
  return answer.policies.flatMap((part) => {
    const offset = startOf(part);
    const json = policyToJson(part);
    if (json.type === "failure") {
      for (const error of json.errors) faults.push(fault(text, offset, error));
      return [];
    }
    const parsed = {
      source: text.source,
      file: text.file,
      text: part,
      offset,
      ...place(text.text, offset),
      syntax: json.json,
    };
    const altered = alteredNumber(json.json);
    if (altered !== undefined) {
      faults.push({
        file: text.file,
        line: parsed.line,
        column: parsed.column,
        detail: `a number near \`${altered}\` is beyond 2^53 and would be altered`,
        help: "write a number that fits, or compare in another unit",
      });
      return [];
    }
    if (!preparses(json.json)) {
      faults.push({
        file: text.file,
        line: parsed.line,
        column: parsed.column,
        detail: "the policy is nested too deeply",
        help: "write each condition as a `when` clause of its own, or as a policy of its own",
      });
      return [];
    }
    return [parsed];
  });
}

/** Where each policy of a text starts, by its text. They follow one another, with nothing but space and comments between. */
function startsOf(text: string): ReadonlyMap<string, readonly number[]> {
  const starts = new Map<string, number[]>();
  let end = 0;
  for (const { 0: sign, index } of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|\/\/[^\n]*|;/gs)) {
    if (sign !== ";") continue;
    const start = end + firstMatch(/^((?:\s+|\/\/[^\n]*)*)/, text.slice(end, index)).length;
    const part = text.slice(start, index + 1);
    const same = starts.get(part) ?? [];
    same.push(start);
    starts.set(part, same);
    end = index + 1;
  }
  return starts;
}

/** The gate loads syntax trees, not text: what it will load must load here first. */
function preparses(syntax: PolicyJson): boolean {
  try {
    return preparsePolicySet("trial", { staticPolicies: { trial: syntax } }).type === "success";
  } catch (thrown) {
    // The engine reads trees to a fixed depth and throws beyond it, unharmed. A trap is another matter.
    if (thrown instanceof Error && thrown.name === "RuntimeError") throw thrown;
    return false;
  }
}

/** The first number that the engine's own syntax tree cannot hold exactly: it is another rule than the text says. */
function alteredNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? undefined : value;
  if (typeof value !== "object" || value === null) return undefined;
  for (const inner of Object.values(value)) {
    const found = alteredNumber(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function validateAll(read: readonly Read[], task: ValidateTask): Told {
  const staticPolicies = Object.fromEntries(read.map(({ policy }, index) => [`${index}`, policy.text]));
  const syntaxes = read.map(({ policy }) => policy.syntax);
  const schema = schemaFor(syntaxes, task);
  const narrow = narrowSchema(syntaxes, schema);
  // A schema of what they name costs less to read; where it finds a fault, the whole one knows which name was meant.
  const first = narrow === undefined ? undefined : validate({ schema: narrow, policies: { staticPolicies } });
  const isClean = first?.type === "success" && first.validationErrors.length === 0;
  const answer = isClean ? first : validate({ schema, policies: { staticPolicies } });
  if (answer.type === "failure")
    return { faults: answer.errors.map(({ message }) => ({ file: "schema", detail: message })), warnings: [] };
  const located = (found: readonly Found[]): readonly PolicyFault[] =>
    // The engine tells them in another order each time.
    onceForAllTools(
      found.toSorted(byPolicyAndWords).map(({ policyId, error }) => {
        const { policy, text } = read[Number(policyId)] as Read;
        const id = policy.syntax.annotations?.id;
        return { ...fault(text, policy.offset, error, id), ...(id === undefined ? {} : { policy: id }) };
      }),
    );
  return { faults: located(answer.validationErrors), warnings: located(answer.validationWarnings) };
}

const mostTools = 5;

/** The engine says of each tool that a policy can match what is wrong at one place: it is said once, for all of them. */
function onceForAllTools(faults: readonly PolicyFault[]): readonly PolicyFault[] {
  const tool = / in context for Action::"((?:[^"\\]|\\.)*)"/;
  const same = ({ file, line, column, policy, detail }: PolicyFault) =>
    JSON.stringify([file, line, column, policy, detail.replace(tool, "")]);
  return [...Map.groupBy(faults, same).values()].flatMap((all) => {
    const [first, ...others] = all;
    if (first === undefined || others.length === 0 || !tool.test(first.detail)) return all;
    const names = others.map(({ detail }) => `\`${tool.exec(detail)?.[1] ?? ""}\``);
    const more = names.length > mostTools ? ", …" : "";
    const detail = `${first.detail}; and for ${names.length} other ${names.length === 1 ? "tool" : "tools"}: ${names.slice(0, mostTools).join(", ")}${more}`;
    const { help: _, ...rest } = first;
    // A guess at another name, made for one tool, is none for the others.
    const help = all.every((one) => one.help === first.help)
      ? first.help
      : "name in the policy's scope the tools that it is for, or test with `has` first";
    return [{ ...rest, detail, ...(help === undefined ? {} : { help }) }];
  });
}

/** What is wrong with the policy that was given under that number. */
interface Found {
  readonly policyId: string;
  readonly error: DetailedError;
}

function byPolicyAndWords(one: Found, other: Found): number {
  return Number(one.policyId) - Number(other.policyId) || (one.error.message < other.error.message ? -1 : 1);
}

/** The schema, with the tools that policies name and that no server lists at this moment, if those are expected. */
function schemaFor(policies: readonly PolicyJson[], { schema, absentTool }: ValidateTask): ValidateTask["schema"] {
  const known = schema[""];
  if (absentTool === undefined || known === undefined) return schema;
  const named = actionsIn(policies).map((id) => [id, absentTool] as const);
  return { "": { ...known, actions: { ...Object.fromEntries(named), ...known.actions } } };
}

/** Asks the engine itself: with its id cured the forbid lapses, and without it, it holds. */
function tryCure(policy: ParsedPolicy): readonly PolicyFault[] {
  const { id, cure } = policy.syntax.annotations ?? {};
  if (id === undefined || cure === undefined) return [];
  const clauses = policy.syntax.conditions.filter((clause) => isOwnCureClause(clause, id));
  const bare: PolicyJson = {
    effect: "forbid",
    principal: { op: "All" },
    action: { op: "All" },
    resource: { op: "All" },
    conditions: clauses,
  };
  if (clauses.length === 1 && bites(bare, []) && !bites(bare, [id]) && bites(bare, [`${id}-other`])) return [];
  return [
    {
      file: policy.file,
      line: policy.line,
      column: policy.column,
      policy: id,
      detail: `the cure of \`${id}\` does not cure it`,
      help: `end the policy with \`unless { context.facts.cured.contains("${id}") }\``,
    },
  ];
}

function bites(forbid: PolicyJson, cured: readonly string[]): boolean {
  const answer = isAuthorized({
    principal: { type: "Agent", id: "a" },
    action: { type: "Action", id: "s.t" },
    resource: { type: "Target", id: "t" },
    context: { facts: { cured: [...cured] } },
    entities: [],
    policies: { staticPolicies: { forbid } },
  });
  return answer.type === "success" && answer.response.diagnostics.reason.includes("forbid");
}

function fault(text: CedarText, offset: number, error: DetailedError, id?: string): PolicyFault {
  // The engine names a policy by the number that it was given here under.
  const named = (words: string) =>
    words.replace(/for policy `\d+`, /g, id === undefined ? "" : `for policy \`${id}\`, `);
  const label = error.sourceLocations?.[0];
  const before = Buffer.from(text.text.slice(0, offset)).byteLength;
  const start = label === undefined ? offset : characters(text.text, before + label.start);
  const expected = label?.label == null ? "" : `, ${label.label}`;
  return {
    file: text.file,
    ...place(text.text, start),
    detail: `${error.message.replace(/^for policy `[^`]*`, /, "")}${expected}`,
    ...(error.help === null ? {} : { help: named(error.help) }),
  };
}

/** Cedar counts bytes of UTF-8. */
function characters(text: string, bytes: number): number {
  return Buffer.from(text).subarray(0, bytes).toString().length;
}

function place(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
