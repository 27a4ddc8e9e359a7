import { isZone } from "../../floor/local-time.ts";
import { type ArgumentType, type ArgumentTypes, readingOf } from "../argument-types.ts";
import { mostApprovers } from "../cure.ts";
import { didYouMean } from "../did-you-mean.ts";
import { durationMs } from "../duration.ts";
import { isScope, readStep, scopeArgument, stepText, touchedUnits } from "../window.ts";
import { destinationFaults } from "./destinations.ts";
import type { Asking, Guardrail, Hours } from "./guardrail.ts";

type Fault = readonly [detail: string, help?: string | undefined];

const plainName = /^[a-z][a-z0-9-]{0,62}$/;
const argumentName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
// Printable ASCII that means nothing inside a Cedar string or pattern.
const plainText = /^[ !#-)+-[\]-_a-~]+$/;
const reserved = new Set(
  "true false if then else in is like has permit forbid when unless principal action resource context".split(" "),
);

/** Everything that is wrong with a guardrail; empty where it can be written as Cedar. `tools` tells what arguments there are. */
export function* guardrailFaults(
  rule: Guardrail,
  granted: readonly string[],
  tools?: { readonly [tool: string]: ArgumentTypes },
): Generator<Fault> {
  if (!plainName.test(rule.name)) yield [`\`${rule.name}\` is no name of a guardrail`];
  if (rule.tools.length === 0 && rule.use !== "freeze") yield [`guardrail \`${rule.name}\` names no tool`];
  for (const tool of rule.tools) {
    if (!granted.includes(tool))
      yield [
        `guardrail \`${rule.name}\` names \`${tool}\`, which the workflow does not grant`,
        didYouMean(tool, granted),
      ];
  }
  if ("ask" in rule) yield* askFaults(rule.name, rule.ask);
  if ("hours" in rule) yield* hoursFaults(rule.name, rule.hours);
  for (const [name] of argumentsOf(rule))
    if (!argumentName.test(name) || reserved.has(name)) yield [`\`${name}\` is no argument that a guardrail can read`];
  if (tools !== undefined) for (const tool of rule.tools) yield* argumentFaults(rule, tool, tools);
  if (tools !== undefined) yield* readingFaults(rule, tools);
  yield* ownFaults(rule);
}

function* ownFaults(rule: Guardrail): Generator<Fault> {
  const { name } = rule;
  switch (rule.use) {
    case "refund-limits": {
      yield* scopeFaults(rule);
      const amounts = [rule.aloneUnder, rule.upTo, ...(rule.perDay === undefined ? [] : [rule.perDay])];
      if (amounts.some((cents) => !Number.isSafeInteger(cents) || cents < 0))
        yield [`guardrail \`${name}\` has an amount that is none`];
      if (rule.upTo === 0) yield [`guardrail \`${name}\` allows no refund at all`, "list the tool under `block`"];
      if (rule.aloneUnder > rule.upTo)
        yield [`guardrail \`${name}\` lets more through alone than it allows at all`, "`aloneUnder` is at most `upTo`"];
      if (rule.in === "whole" && amounts.some((cents) => cents % 100 !== 0))
        yield [`guardrail \`${name}\` has an amount with hundredths, and \`in: whole\` knows none`];
      if (rule.currency !== undefined && !/^[A-Z]{3}$/.test(rule.currency.code))
        yield [`\`${rule.currency.code}\` is no currency`];
      return;
    }
    case "freeze":
      if (!isZone(rule.zone)) yield [`there is no time zone \`${rule.zone}\``, nearestZone(rule.zone)];
      if (rule.from > rule.to) yield [`the freeze \`${name}\` ends before it begins`];
      return;
    case "step-limit":
      if (readStep(stepText(rule)) === undefined)
        yield [
          `\`${rule.current}\` is no place in an answer`,
          "write a JSON pointer such as `/structuredContent/percentage`",
        ];
      if (!Number.isSafeInteger(rule.most) || rule.most < 1) yield [`guardrail \`${name}\` allows no step`];
      return;
    case "egress":
      for (const text of [...rule.domains, ...rule.labels])
        if (!plainText.test(text)) yield [`\`${text}\` is no domain or label`];
      return;
    case "data-egress":
      if (rule.domains.length === 0) yield [`guardrail \`${name}\` names no domain`];
      for (const text of [...rule.domains, ...rule.labels])
        if (!plainText.test(text)) yield [`\`${text}\` is no domain or label`];
      return;
    case "done-before":
      if (!plainText.test(rule.done) || !rule.done.includes("."))
        yield [`\`${rule.done}\` is no tool`, "write `server.tool`"];
      if (rule.since !== undefined && (!plainText.test(rule.since) || !rule.since.includes(".")))
        yield [`\`${rule.since}\` is no tool`, "write `server.tool`"];
      if (rule.since === rule.done) yield [`\`${rule.done}\` cannot be done since \`${rule.since}\``];
      if (durationMs(rule.within) === undefined)
        yield [`\`within: ${rule.within}\` is no duration such as \`1h\`, at most 30d`];
      return;
    case "right-after":
      for (const tool of rule.done)
        if (!plainText.test(tool) || !tool.includes(".")) yield [`\`${tool}\` is no tool`, "write `server.tool`"];
      if (rule.done.length === 0) yield [`guardrail \`${name}\` names nothing that stands right before`];
      if (rule.may === "only" && rule.done.length > 0 && rule.done.every((tool) => rule.tools.includes(tool)))
        yield [`guardrail \`${name}\` lets nothing begin`, "`done` names a tool that is none of `tools`"];
      if (durationMs(rule.within) === undefined)
        yield [`\`within: ${rule.within}\` is no duration such as \`1h\`, at most 30d`];
      return;
    case "expires":
      if (!isZone(rule.zone)) yield [`there is no time zone \`${rule.zone}\``, nearestZone(rule.zone)];
      return;
    case "call-limit":
    case "object-limit":
      yield* scopeFaults(rule);
      if (rule.use === "object-limit") yield* countFaults(rule);
      if (durationMs(rule.within) === undefined)
        yield [`\`within: ${rule.within}\` is no duration such as \`1h\`, at most 30d`];
      if (!Number.isSafeInteger(rule.most) || rule.most < 1) yield [`guardrail \`${name}\` allows no call`];
      return;
    case "only-within":
      if (rule.environments.length === 0) yield [`guardrail \`${name}\` names no environment`];
      for (const text of [...rule.environments, ...rule.targets])
        if (!plainText.test(text)) yield [`\`${text}\` is no environment or beginning of a target`];
      return;
    case "business-hours":
    case "change-window":
    case "first-time-target":
    case "four-eyes":
      return;
  }
}

function* scopeFaults({ name, per = "workflow", across }: Limit): Generator<Fault> {
  if (!isScope(per)) yield [`guardrail \`${name}\` counts per \`${String(per)}\`, which is no scope`];
  if (across === true && ["workflow", "workspace", "agent", "run"].includes(per))
    yield [
      `guardrail \`${name}\` counts per ${per}, which is not in several workflows`,
      "write `per: workspace` alone",
    ];
}

function* countFaults({ name, argument, counts }: Extract<Guardrail, { use: "object-limit" }>): Generator<Fault> {
  if ((argument === undefined) === (counts === undefined))
    yield [`guardrail \`${name}\` takes one of \`argument\` and \`counts\``];
  if (counts !== undefined && !touchedUnits.includes(counts))
    yield [`guardrail \`${name}\` counts \`${String(counts)}\`, which is no unit`, didYouMean(counts, touchedUnits)];
}

type Limit = Extract<Guardrail, { use: "refund-limits" | "call-limit" | "object-limit" }>;
type Argument = readonly [string, (type: ArgumentType) => boolean, string];

/** The arguments that a guardrail reads, and what they must be. */
function argumentsOf(rule: Guardrail): readonly Argument[] {
  const scope = "per" in rule && rule.per !== undefined ? scopeArgument(rule.per) : undefined;
  return [
    ...readBy(rule),
    ...(scope === undefined ? [] : [[scope, isOneValue, "one text, integer, or yes or no"] as const]),
  ];
}

/** Tools that share a count have to be read alike: else one value has a count for each way that it is read. */
function* readingFaults(rule: Guardrail, tools: { readonly [tool: string]: ArgumentTypes }): Generator<Fault> {
  const name = "per" in rule && rule.per !== undefined ? scopeArgument(rule.per) : undefined;
  if (name === undefined) return;
  const known = rule.tools.filter((tool) => Object.hasOwn(tools, tool));
  const [first, ...others] = known.map((tool) => ({ tool, reading: readingOf(tools[tool], name) }));
  const other = others.find(({ reading }) => reading !== first?.reading);
  if (first === undefined || other === undefined) return;
  yield [
    `the catalog reads \`${name}\` of \`${other.tool}\` otherwise than of \`${first.tool}\`, so one value has two counts`,
    "normalise the argument alike in the tools files, or write a limit for each tool",
  ];
}

function isOneValue({ kind }: ArgumentType): boolean {
  return kind === "string" || kind === "long" || kind === "boolean";
}

function readBy(rule: Guardrail): readonly Argument[] {
  switch (rule.use) {
    case "refund-limits": {
      const kind = rule.in === "decimal" ? "decimal" : "long";
      const currency = rule.currency;
      return [
        [rule.amount, (type) => type.kind === kind, rule.in === "decimal" ? "a number" : "an integer"],
        ...(currency === undefined
          ? []
          : [[currency.argument, (type: ArgumentType) => type.kind === "string", "a string"] as const]),
      ];
    }
    case "object-limit":
      return rule.argument === undefined ? [] : [[rule.argument, (type) => type.kind === "set", "a list"]];
    case "step-limit":
      return [[rule.argument, (type) => type.kind === "long" || type.kind === "decimal", "a number"]];
    case "egress":
      return [[rule.argument, hasDomains, "read as typed `domains` by the catalog"]];
    default:
      return [];
  }
}

function hasDomains(type: ArgumentType): boolean {
  const domains = type.kind === "record" ? type.attributes.domains : undefined;
  return domains?.kind === "set" && domains.of.kind === "string";
}

/** What of a guardrail does not fit the arguments of one tool. */
export function* argumentFaults(
  rule: Guardrail,
  tool: string,
  tools: { readonly [tool: string]: ArgumentTypes },
): Generator<Fault> {
  const types = Object.hasOwn(tools, tool) ? tools[tool] : undefined;
  if (types === undefined) return;
  if (rule.use === "data-egress") yield* destinationFaults(rule, tool, tools);
  for (const [name, fits, what] of argumentsOf(rule)) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) yield [`\`${tool}\` has no argument \`${name}\``, didYouMean(name, Object.keys(types))];
    else if (!fits(type)) yield [`argument \`${name}\` of \`${tool}\` is not ${what}`];
  }
}

function* askFaults(name: string, ask: Asking): Generator<Fault> {
  if (!plainText.test(ask.from))
    yield [`guardrail \`${name}\` asks \`${ask.from}\`, which is no name of a group and no person's address`];
  if (!Number.isInteger(ask.count) || ask.count < 1 || ask.count > mostApprovers)
    yield [`guardrail \`${name}\` asks for ${ask.count} approvals; it is a number from 1 to ${mostApprovers}`];
  for (const text of [ask.open, ask.valid])
    if (durationMs(text) === undefined) yield [`\`${text}\` is no duration such as \`4h\`, at most 30d`];
}

function* hoursFaults(name: string, hours: Hours): Generator<Fault> {
  if (!isZone(hours.zone)) yield [`there is no time zone \`${hours.zone}\``, nearestZone(hours.zone)];
  const minutes = [hours.from, hours.to];
  if (minutes.some((minute) => !Number.isInteger(minute) || minute < 0 || minute > 1440) || hours.from === hours.to)
    yield [`guardrail \`${name}\` has no hours`];
  if (hours.days.length === 0 || hours.days.some((day) => !Number.isInteger(day) || day < 1 || day > 7))
    yield [`guardrail \`${name}\` has no days`];
}

/** A zone's name is one of a list that this runtime knows. */
export function nearestZone(zone: string): string | undefined {
  return didYouMean(zone, Intl.supportedValuesOf("timeZone"));
}
