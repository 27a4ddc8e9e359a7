import { digestText } from "../floor/digest.ts";
import { readCure } from "./cure.ts";
import { didYouMean } from "./did-you-mean.ts";
import { readObligations } from "./obligation.ts";
import type { ParsedPolicy } from "./parse.ts";
import type { CompiledPolicy, PolicyFault, PolicyMode } from "./policy.ts";
import { verbs } from "./policy.ts";
import { actionScope, argumentsRead, isOwnCureClause, principalScope, readsCured } from "./syntax.ts";
import { type KnownWorkflow, unknownAgents } from "./unknown-agents.ts";

/** The closed list of annotations. An unknown one is refused: a misspelt cure would be no cure. */
const annotationNames = new Set(
  "id title doc owner mode cure from count open valid exclude grants passkey glass check age until obligation redact notify template window step".split(
    " ",
  ),
);

/** What the templates of workflow files write, and what facts are gathered by. */
const generated = ["template", "window", "step"];

export interface Known {
  /** Groups of people; undefined where they are not known yet. */
  readonly groups?: readonly string[];
  /** Their addresses. */
  readonly people?: readonly string[];
  readonly checks?: readonly string[];
  readonly workflows?: readonly KnownWorkflow[];
  /** It was put in force already, by the rules of that time. */
  readonly isInForce?: true;
}

type Read = { readonly ok: unknown } | { readonly fault: string; readonly help?: string };

/** A parsed policy as one that may be activated, or what stands against it. */
export function review(parsed: ParsedPolicy, known: Known): CompiledPolicy | readonly PolicyFault[] {
  const annotations = parsed.syntax.annotations ?? {};
  const id = annotations.id;
  const faults: PolicyFault[] = [];
  const fault = (detail: string, help?: string | undefined) =>
    faults.push({
      file: parsed.file,
      line: parsed.line,
      column: parsed.column,
      ...(id === undefined ? {} : { policy: id }),
      detail,
      ...(help === undefined ? {} : { help }),
    });
  for (const name of Object.keys(annotations))
    if (!annotationNames.has(name)) fault(`annotation \`@${name}\` is not known`, didYouMean(name, annotationNames));
  for (const name of parsed.source === "workflow" ? [] : generated)
    if (annotations[name] !== undefined)
      fault(`annotation \`@${name}\` belongs to guardrails of workflow files`, "list the guardrail in a workflow file");
  if (id === undefined) {
    fault("a policy needs an `@id`");
    return faults;
  }
  if (parsed.source === "own" && !/^[a-z0-9][a-z0-9-]{0,63}$/.test(id))
    fault(`\`@id\` is \`${id}\``, "lower-case letters, digits and hyphens");
  const mode = modeOf(annotations.mode);
  if (mode === undefined || (mode === "always" && parsed.source !== "shipped"))
    fault("`@mode` is `observe` or `enforce`");
  const principal = principalScope(parsed.syntax);
  const action = actionScope(parsed.syntax);
  const cure = readCure(annotations, known.checks);
  // What was put in force before this was refused stays in force: as then, it does nothing.
  const obligations = known.isInForce === true ? readObligations(annotations) : obligationsOf(parsed, annotations);
  for (const read of [principal, action, cure, obligations] as readonly Read[])
    if ("fault" in read) fault(read.fault, read.help);
  for (const [detail, help] of grantFaults(
    parsed,
    "ok" in principal && principal.ok !== null,
    "ok" in action ? action.ok : null,
  ))
    fault(detail, help);
  for (const [detail, help] of cureFaults(parsed, id)) fault(detail, help);
  if (parsed.source === "own" && known.workflows !== undefined)
    for (const [detail, help] of unknownAgents(parsed.syntax, known.workflows)) fault(detail, help);
  if ("ok" in cure) for (const [detail, help] of unknownNames(cure.ok, known)) fault(detail, help);
  if (faults.length > 0 || !("ok" in principal && "ok" in action && "ok" in cure && "ok" in obligations)) return faults;
  return {
    id,
    ...(annotations.title === undefined ? {} : { title: annotations.title }),
    text: parsed.text,
    digest: digestText(parsed.text),
    effect: parsed.syntax.effect,
    source: parsed.source,
    file: parsed.file,
    mode: mode ?? "enforce",
    annotations,
    principal: principal.ok,
    action: action.ok,
    unconditional: parsed.syntax.conditions.length === 0 && parsed.syntax.resource.op === "All",
    ...(cure.ok === undefined ? {} : { cure: cure.ok }),
    obligations: obligations.ok,
    reads: argumentsRead(parsed.syntax),
    syntax: parsed.syntax,
  };
}

function obligationsOf({ syntax }: ParsedPolicy, annotations: CompiledPolicy["annotations"]) {
  const given = ["obligation", "redact", "notify"].find((name) => annotations[name] !== undefined);
  if (syntax.effect === "permit" || given === undefined) return readObligations(annotations);
  return {
    fault: `\`@${given}\` on a forbid would do nothing`,
    help: "remove it: all is recorded, and secrets are cut from every answer, without it",
  };
}

function modeOf(text: string | undefined): PolicyMode | undefined {
  return text === undefined || text === "enforce"
    ? "enforce"
    : text === "observe" || text === "always"
      ? text
      : undefined;
}

/** Permits come from workflow files, and name exact tools of named workflows. */
function* grantFaults(
  parsed: ParsedPolicy,
  named: boolean,
  action: readonly string[] | null,
): Generator<[string, string]> {
  if (parsed.syntax.effect !== "permit") return;
  const names: readonly string[] = verbs;
  if (action === null || !named || action.some((name) => names.includes(name))) {
    yield [
      "the permit is a wildcard, and there are no wildcard grants",
      "list exact tools under `allow` or `ask` of a workflow",
    ];
  } else if (parsed.source !== "workflow") {
    yield ["a policy file holds guardrails; it cannot grant", "list the tool under `allow` or `ask` of a workflow"];
  }
}

/**
 * INVARIANT: what cures a policy is its own quorum and nothing else. So `cured` is read by curable forbids only, each for
 * its own id, in a clause of its own: then the forbid lapses with the id, and holds or not by its other clauses without.
 */
function* cureFaults(parsed: ParsedPolicy, id: string): Generator<[string, string]> {
  const { effect, conditions, annotations } = parsed.syntax;
  const curable = annotations?.cure !== undefined;
  const clause = `\`unless { context.facts.cured.contains("${id}") }\``;
  if (curable && effect !== "forbid") yield ["only a forbid has a cure", "remove `@cure`"];
  const own = conditions.filter((one) => isOwnCureClause(one, id)).length;
  if (curable && own !== 1) yield ["the cure would not make the forbid lapse", `end the policy with ${clause}`];
  const strays = conditions.filter((one) => readsCured(one)).length - (curable ? own : 0);
  if (strays > 0) {
    yield [
      "a policy reads `context.facts.cured` for its own cure only, and never `context` or `context.facts` whole",
      curable ? `keep ${clause} and no other mention` : "add `@cure` and its annotations",
    ];
  }
}

function* unknownNames(cure: CompiledPolicy["cure"], known: Known): Generator<[string, string | undefined]> {
  if (cure?.kind === "approval") yield* unknownAsked(cure.from, known);
  if (cure?.kind === "check" && known.checks !== undefined) {
    const { checks } = known;
    for (const name of cure.names) if (!checks.includes(name)) yield [`there is no check \`${name}\``, undefined];
  }
}

function* unknownAsked(from: string, { groups, people }: Known): Generator<[string, string | undefined]> {
  const isPerson = from.includes("@");
  const names = isPerson ? people : groups;
  if (names === undefined || from === "dri" || names.includes(from)) return;
  const candidates = isPerson ? names : [...names, "dri"];
  yield [`there is no ${isPerson ? "person" : "group"} \`${from}\` to approve`, didYouMean(from, candidates)];
}
