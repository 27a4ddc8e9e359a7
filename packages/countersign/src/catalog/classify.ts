import type { Json, JsonObject } from "@countersign/contract";
import { holdsAddress, holdsWebAddress } from "./address.ts";
import { mapEnvironment, type Places, parseArguments, whyUnmapped } from "./environment.ts";
import { everything, flowOf } from "./flow.ts";
import { normalise } from "./normalise/normalise.ts";
import { reachOf } from "./reach.ts";
import type { Mapping, Rule, RuleOutcome } from "./rule.ts";
import { signalsOf } from "./signals.ts";
import { firstText } from "./template.ts";
import type { Classified, Outcome, Reconcile, ReversalRule, Tool } from "./tool.ts";
import { visible } from "./visible.ts";
import { argumentsOf, wantedBy } from "./wanted-by.ts";

/** What classification needs to know beside the arguments. */
export interface ClassifyContext {
  readonly id: string;
  readonly rule: Rule | undefined;
  readonly system: string;
  readonly labels: readonly string[];
  readonly owner?: string;
  readonly places: Places;
  /** Arguments that the reviewed definition declares as addresses. */
  readonly addresses?: ReadonlySet<string>;
  /** One of the protocol's own methods, whose addresses are the server's own. */
  readonly isMethod?: boolean;
}

export const unknownReversal: ReversalRule = { kind: "irreversible", reason: "nobody has declared how it is undone" };

const maxTarget = 1_024;

/** Pure and total: whatever the arguments are, the answer is a classification, and in doubt execution in production. */
export function classify(context: ClassifyContext, args: unknown): Classified {
  try {
    return isMembers(args) ? judge(context, args) : unmapped(context, {});
  } catch {
    return unmapped(context, {});
  }
}

/** Why a call counts as execution in production although no rule says so, for whoever made it; total as `classify` is. */
export function whyUnknown(context: ClassifyContext, args: unknown): string | undefined {
  try {
    if (context.rule === undefined || !isMembers(args)) return "its tools file does not say where it acts";
    const mappings = asList(chosen(context.rule, args).environment ?? "unmapped");
    return whyUnmapped(mappings, args, context.places);
  } catch {
    return undefined;
  }
}

/** The arguments that place a call only where they are absolute paths. */
export function absoluteOf({ rule, places }: Pick<ClassifyContext, "rule" | "places">): readonly string[] {
  if (rule === undefined || places.base !== undefined) return [];
  const mappings = [rule.environment, ...(rule.cases ?? []).map((one) => one.environment)].flatMap((one) => one ?? []);
  return [...new Set(mappings.flatMap((mapping) => argumentsOf(mapping, "path")))];
}

/** Whether calls of any of these tools are placed only by absolute paths. */
export function wantsAbsolute(tools: readonly Pick<Tool, "absolute">[]): boolean {
  return tools.some(({ absolute = [] }) => absolute.length > 0);
}

function judge(context: ClassifyContext, args: JsonObject): Classified {
  const { rule, places } = context;
  if (rule === undefined) return unmapped(context, { ...shallow(args), parsed: {} }, args);
  const outcome = chosen(rule, args);
  const mappings = asList(outcome.environment ?? "unmapped");
  const parsed = parseArguments(mappings, rule.paths ?? [], rule.urls ?? [], args, places);
  const wanted = wantedBy(rule);
  const taken: JsonObject = { ...rule.defaults, ...shallow(args) };
  const normalised = normalise(wanted, taken, places.base);
  // INVARIANT: `parsed` is ours; an argument of that name never stands in for it.
  const projected: JsonObject = { ...shallow(args), parsed: normalised };
  const known = {
    projected,
    signals: signalsOf(wanted, normalised),
    ...(rule.reach === undefined ? {} : { reach: reachOf(rule.reach, taken, normalised) }),
  };
  const reversal = reversalOf(outcome) ?? unknownReversal;
  const environment = mapEnvironment(mappings, args, places);
  const targets = asList(outcome.target ?? context.id);
  const target = firstText(targets, { args, parsed });
  if (environment === undefined || target === undefined || outcome.verb === undefined || target.length > maxTarget) {
    const { reconcile } = outcome;
    const told = reconcile === undefined ? {} : { reconcile: reconcileOf(reconcile) };
    return { ...unmapped(context, projected, args), ...known, reversal, ...told };
  }
  return {
    verb: outcome.verb,
    flow: {
      ...flowOf(outcome.flow, outcome.verb, { args: taken, parsed: normalised }, wanted, (rest) =>
        context.isMethod === true ? holdsWebAddress(rest) : holdsAddress(rest, context.addresses),
      ),
      // A target that is no template's own text is made of arguments.
      ...(targets.includes(target) ? {} : { about: everything(shallow(args)) }),
    },
    system: outcome.system ?? rule.system ?? context.system,
    environment,
    target: visible(target),
    labels: [...new Set([...context.labels, ...(outcome.labels ?? [])])],
    ...(context.owner === undefined ? {} : { owner: context.owner }),
    ...known,
    reversal,
    ...(outcome.reconcile === undefined ? {} : { reconcile: reconcileOf(outcome.reconcile) }),
  };
}

function unmapped(context: ClassifyContext, projected: JsonObject, args: JsonObject = {}): Classified {
  return {
    verb: "execute",
    flow: flowOf(undefined, "execute", { args, parsed: {} }),
    system: context.rule?.system ?? context.system,
    environment: context.places.production,
    target: context.id,
    labels: [...new Set([...context.labels, "unmapped"])],
    ...(context.owner === undefined ? {} : { owner: context.owner }),
    projected,
  };
}

/** The rule with the first case that fits; an argument of another type than the listed values fits none. */
function chosen(rule: Rule, args: JsonObject): RuleOutcome {
  const fitting = (rule.cases ?? []).find(
    (one) =>
      (one.absent ?? []).every((name) => !Object.hasOwn(args, name)) &&
      Object.entries(one.noLine ?? {}).every(([name, start]) => beginsNoLine(args, name, start)) &&
      Object.entries(one.when).every(([name, values]) => {
        // Absent is not null: a server answers null with an error or with anything.
        const value = Object.hasOwn(args, name) ? args[name] : rule.defaults?.[name];
        return values.some((allowed) => allowed === value);
      }),
  );
  return fitting === undefined ? rule : overriding(rule, fitting);
}

function overriding(rule: Rule, fitting: NonNullable<Rule["cases"]>[number]): RuleOutcome {
  const { when: _, absent: __, noLine: ___, ...over } = fitting;
  // A case of another verb does not inherit how the tool's own deed is undone.
  const kept =
    over.verb === undefined || over.verb === rule.verb ? rule : { ...rule, reversal: undefined, reconcile: undefined };
  return { ...kept, ...over };
}

/** What calls can be, by their rule: as the rule itself says, and as each case does. */
export function outcomesOf(rule: Rule | undefined, system: string): readonly Outcome[] {
  const all: readonly RuleOutcome[] =
    rule === undefined ? [{}] : [rule, ...(rule.cases ?? []).map((one) => overriding(rule, one))];
  return all.map((outcome) => ({
    verb: outcome.verb ?? "execute",
    system: outcome.system ?? rule?.system ?? system,
    reversal: reversalOf(outcome) ?? unknownReversal,
  }));
}

/** Lines as any program might break them, and what an eye cannot see before a line's first letter does not count. */
function beginsNoLine(args: JsonObject, name: string, start: string): boolean {
  if (!Object.hasOwn(args, name)) return true;
  const text = args[name];
  return (
    typeof text === "string" &&
    !text.split(/[\p{Cc}\p{Zl}\p{Zp}]/u).some((line) => line.replace(/^[\p{Z}\p{Cf}]+/u, "").startsWith(start))
  );
}

/** How an outcome is undone; undefined where nobody said. */
export function reversalOf(outcome: RuleOutcome | undefined): ReversalRule | undefined {
  if (outcome?.reversal !== undefined) return asReversal(outcome.reversal);
  return outcome?.verb === "read" ? { kind: "none", reason: "a read changes nothing" } : undefined;
}

/** The schema's optional members may be undefined; ours are absent. */
function asReversal(reversal: NonNullable<Rule["reversal"]>): ReversalRule {
  if (reversal.kind !== "inverse") return reversal;
  const { capture, premises, otherwise, ...rest } = reversal;
  return {
    ...rest,
    ...(capture === undefined ? {} : { capture }),
    ...(premises === undefined ? {} : { premises }),
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}

export function reconcileOf(reconcile: NonNullable<RuleOutcome["reconcile"]>): Reconcile {
  const { provided, doneWhen, failedWhen, also, ...rest } = reconcile;
  return {
    ...rest,
    ...(provided === undefined ? {} : { provided }),
    ...(doneWhen === undefined ? {} : { doneWhen }),
    ...(failedWhen === undefined ? {} : { failedWhen }),
    ...(also === undefined ? {} : { also }),
  };
}

function shallow(args: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(args).filter(([name]) => name !== "__proto__"));
}

function asList<T extends Mapping | string>(value: T | readonly T[]): readonly T[] {
  return isArray(value) ? value : [value];
}

function isArray<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function isMembers(args: unknown): args is { readonly [member: string]: Json } {
  return typeof args === "object" && args !== null && !Array.isArray(args);
}
