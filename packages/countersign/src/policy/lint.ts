import type { Cure } from "./cure.ts";
import type { CompiledPolicy } from "./policy.ts";
import { verbs } from "./policy.ts";
import { isOwnCureClause, readsArgument } from "./syntax.ts";

export interface LintFinding {
  /** `shadowed` never decides, `overlap` says again what another says, `unused` decided nothing in the time looked at. */
  readonly kind: "shadowed" | "overlap" | "unused";
  readonly policy: string;
  readonly file: string;
  /** The policy that stands in front of it. */
  readonly by?: string;
  readonly sentence: string;
}

type Node = { readonly [member: string]: unknown };

/**
 * Rules of people that say nothing new. Pure, and careful: a finding holds for every request, and where two conditions
 * cannot be compared by their form there is none. `decided` are ids that determined some decision; absent where nobody looked.
 */
export function lint(policies: readonly CompiledPolicy[], decided?: ReadonlySet<string>): readonly LintFinding[] {
  const biting = policies.filter((policy) => policy.mode !== "observe");
  const own = biting.filter((policy) => policy.source !== "shipped");
  const found = own.flatMap((policy) => findingOf(policy, biting, decided) ?? []);
  return found.sort((one, other) => (one.policy < other.policy ? -1 : 1));
}

function findingOf(
  policy: CompiledPolicy,
  all: readonly CompiledPolicy[],
  decided: ReadonlySet<string> | undefined,
): LintFinding | undefined {
  const about = { policy: policy.id, file: policy.file };
  const others = all.filter((other) => other.id !== policy.id && covers(other, policy));
  const wall = others.find((other) => other.effect === "forbid" && other.cure === undefined && !isTwin(policy, other));
  if (wall !== undefined) {
    const sentence =
      policy.effect === "permit"
        ? `allows nothing: \`${wall.id}\` refuses every such call`
        : `never decides: \`${wall.id}\` refuses every such call already`;
    return { kind: "shadowed", ...about, by: wall.id, sentence };
  }
  const same = others.find(
    (other) => other.effect === policy.effect && saysAsMuch(other, policy) && !isTwin(policy, other),
  );
  if (same !== undefined) {
    const what = policy.cure?.kind === "approval" ? "asks the same people for the same calls as" : "says again what";
    const sentence = `${what} \`${same.id}\`${policy.cure?.kind === "approval" ? "" : " says"}`;
    return { kind: "overlap", ...about, by: same.id, sentence };
  }
  if (decided === undefined || decided.has(policy.id)) return undefined;
  return { kind: "unused", ...about, sentence: "decided nothing in the time that was looked at" };
}

/** Of two that cover each other only the later is reported. */
function isTwin(policy: CompiledPolicy, other: CompiledPolicy): boolean {
  return other.source !== "shipped" && policy.id < other.id && covers(policy, other) && saysAsMuch(policy, other);
}

/** Whether whatever satisfies `one` of the same effect satisfies `other` as well. */
function saysAsMuch(one: CompiledPolicy, other: CompiledPolicy): boolean {
  if (one.effect !== other.effect) return false;
  if (one.effect === "permit") return one.obligations.length === 0 && other.obligations.length === 0;
  const { cure } = one;
  const less = other.cure;
  if (cure === undefined) return true;
  if (less === undefined) return false;
  return cure.kind === less.kind && asksAsMuch[cure.kind](cure as never, less as never);
}

type Of<Kind extends Cure["kind"]> = Extract<Cure, { readonly kind: Kind }>;

const asksAsMuch: { readonly [kind in Cure["kind"]]: (one: Of<kind>, other: Of<kind>) => boolean } = {
  approval: (one, other) =>
    one.from === other.from &&
    one.count >= other.count &&
    one.validMs <= other.validMs &&
    (one.passkey === "always" || one.passkey === other.passkey || other.passkey === "never") &&
    (one.grants === undefined || one.grants === other.grants || other.grants === "production") &&
    (one.glass === "never" || other.glass === undefined) &&
    other.exclude.every((who) => one.exclude.includes(who)),
  check: (one, other) => other.names.every((name) => one.names.includes(name)) && one.maxAgeMs <= other.maxAgeMs,
  wait: (one, other) => one.until >= other.until,
};

/** Whether `wide` matches every request that `narrow` matches, told by their form. */
function covers(wide: CompiledPolicy, narrow: CompiledPolicy): boolean {
  const principal = wide.principal === null || isSame(wide.principal, narrow.principal);
  const resource = wide.syntax.resource.op === "All" || isSame(wide.syntax.resource, narrow.syntax.resource);
  if (!principal || !resource || !coversActions(wide.action, narrow.action) || !readsAsMuch(wide, narrow)) return false;
  const known = atomsOf(narrow);
  return atomsOf(wide).every((atom) => known.some((one) => implies(one, atom)));
}

/** An argument without an exact form denies where any policy reads it: who takes out the only one that does opens that. */
function readsAsMuch(wide: CompiledPolicy, narrow: CompiledPolicy): boolean {
  if (wide.reads === null || narrow.reads === null) return wide.reads === null;
  return narrow.reads.every((name) => readsArgument(wide.reads, name));
}

function coversActions(wide: readonly string[] | null, narrow: readonly string[] | null): boolean {
  if (wide === null || verbs.every((verb) => wide.includes(verb))) return true;
  return narrow?.every((name) => wide.includes(name)) === true;
}

/** What must hold of a request beside the scope, each as far as it can be taken apart; without the cure's own clause. */
function atomsOf(policy: CompiledPolicy): readonly Node[] {
  return policy.syntax.conditions
    .filter((clause) => policy.cure === undefined || !isOwnCureClause(clause, policy.id))
    .flatMap((clause) => (clause.kind === "when" ? all(clause.body as Node) : none(clause.body as Node)));
}

function all(body: Node): readonly Node[] {
  const both = pair(body, "&&");
  return both === undefined ? [plain(body)] : both.flatMap(all);
}

function none(body: Node): readonly Node[] {
  const both = pair(body, "||");
  return both === undefined ? [plain({ "!": { arg: body } })] : both.flatMap(none);
}

function pair(body: Node, operator: string): readonly [Node, Node] | undefined {
  const inner = body[operator] as { left: Node; right: Node } | undefined;
  return inner === undefined ? undefined : [inner.left, inner.right];
}

const opposite: { readonly [operator: string]: string } = { ">": "<=", ">=": "<", "<": ">=", "<=": ">" };

/** A negated comparison as the opposite one, and a double negation as none. */
function plain(atom: Node): Node {
  const inner = (atom["!"] as { arg: Node } | undefined)?.arg;
  if (inner === undefined) return atom;
  if (inner["!"] !== undefined) return plain((inner["!"] as { arg: Node }).arg);
  const [operator = ""] = Object.keys(inner);
  const turned = opposite[operator];
  return turned === undefined ? atom : { [turned]: inner[operator] };
}

function implies(known: Node, wanted: Node): boolean {
  if (isSame(known, wanted)) return true;
  const one = bound(known);
  const other = bound(wanted);
  if (one === undefined || other === undefined || one.up !== other.up || !isSame(one.of, other.of)) return false;
  return one.up ? one.limit >= other.limit : one.limit <= other.limit;
}

/** `x > 5` and `x >= 6` as one bound from below, of whole numbers. */
function bound(atom: Node): { readonly of: unknown; readonly up: boolean; readonly limit: number } | undefined {
  const [operator = ""] = Object.keys(atom);
  if (opposite[operator] === undefined) return undefined;
  const { left, right } = atom[operator] as { left: Node; right: Node };
  const limit = right.Value;
  if (typeof limit !== "number" || !Number.isSafeInteger(limit)) return undefined;
  const step = operator === ">" ? 1 : operator === "<" ? -1 : 0;
  return { of: left, up: operator.startsWith(">"), limit: limit + step };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
