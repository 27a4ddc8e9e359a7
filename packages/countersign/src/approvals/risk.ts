import type { DecisionInput, Facts, Reach, ReversalPlan, Risk, RiskLevel } from "@countersign/contract";

/** What is known when a call is held, as far as it says how much depends on the answer. */
export interface RiskFacts {
  readonly input: {
    readonly action: Pick<DecisionInput["action"], "verb">;
    readonly resource: Pick<DecisionInput["resource"], "environment" | "labels">;
    readonly facts: Pick<Facts, "reach" | "flow">;
  };
  readonly plan: Pick<ReversalPlan, "kind"> & { readonly reason?: string };
  /** Nobody was asked about this target before. */
  readonly isFirst: boolean;
  /** The key that it was asked for with was revoked while it waited. */
  readonly isKeyRevoked?: boolean;
  /** An undo whose target is not for certain as the deed left it. */
  readonly isChanged?: boolean;
  /** A stop that held for this call until a short while ago. */
  readonly stopped?: { readonly by: string; readonly reason: string };
}

/** Above these a reach is large. */
const large = { objects: 100, customers: 10, nodes: 5, rows: 1000, minor: 100_000 } as const;

/** Ranks in the list: what nobody has weighed counts as the highest. */
export const ranks = { low: 0, medium: 1, high: 2 } as const satisfies Record<RiskLevel, number>;

/** What has a weight of four is a high risk by itself. */
type Weighed = Risk["words"][number] & { readonly weight: 1 | 2 | 4 };

/** The words in which a call is risky, heaviest first, and the level: high from a weight of four, medium from two. Pure. */
export function riskOf(facts: RiskFacts): Risk {
  const words = [
    ...keyWords(facts),
    ...changedWords(facts),
    ...undoWords(facts),
    ...placeWords(facts),
    ...flowWords(facts),
    ...reachWords(facts),
  ]
    .concat(pastWords(facts))
    .toSorted((one, other) => other.weight - one.weight);
  const weight = words.reduce((sum, word) => sum + word.weight, 0);
  const level = weight >= 4 ? "high" : weight >= 2 ? "medium" : "low";
  return { level, words: words.map(({ word, reason }) => ({ word, reason })) };
}

function keyWords({ isKeyRevoked }: RiskFacts): readonly Weighed[] {
  if (isKeyRevoked !== true) return [];
  return [{ word: "revoked key", reason: "the key that it was asked for with was revoked since", weight: 4 }];
}

function changedWords({ isChanged }: RiskFacts): readonly Weighed[] {
  if (isChanged !== true) return [];
  const reason =
    "the target is not as the action left it, or nobody can tell: what others did since would be undone too";
  return [{ word: "changed since", reason, weight: 4 }];
}

function undoWords({ plan }: RiskFacts): readonly Weighed[] {
  const reason = plan.reason ?? "the catalog knows no way back";
  if (plan.kind === "irreversible") return [{ word: "irreversible", reason, weight: 2 }];
  return plan.kind === "none" ? [{ word: "no undo known", reason, weight: 1 }] : [];
}

function placeWords({ input: { resource } }: RiskFacts): readonly Weighed[] {
  const { environment, labels } = resource;
  const words: Weighed[] = [];
  if (environment.production)
    words.push({ word: "production", reason: `\`${environment.name}\` is a production environment`, weight: 2 });
  for (const word of ["destructive", "access"] as const)
    if (labels.includes(word))
      words.push({ word, reason: `the catalog labels calls of this kind \`${word}\``, weight: 1 });
  return words;
}

function flowWords({ input }: RiskFacts): readonly Weighed[] {
  const { flow } = input.facts;
  if (flow === undefined) return [];
  const words: Weighed[] = [];
  const { sources = [] } = flow;
  const strange = Object.entries(flow.destinations ?? {}).flatMap(([at, origin]) =>
    origin === "untrusted" ? [`\`${at.slice(0, 100)}\``] : [],
  );
  if (strange.length > 0)
    words.push({ word: "untrusted origin", reason: `${some(strange)}: read where others may write`, weight: 2 });
  else if (flow.tainted === true && sources.length > 0) {
    const tools = [...new Set(sources.map(({ tool }) => `\`${tool}\``))];
    const reason = `its run has read ${some(tools)}, where others may write`;
    words.push({ word: "untrusted origin", reason, weight: 1 });
  }
  if (flow.effect === "egress")
    words.push({
      word: "external destination",
      reason: "with this call data leaves, as far as the catalog knows",
      weight: 1,
    });
  return words;
}

function reachWords({ input: { action, facts } }: RiskFacts): readonly Weighed[] {
  const counts = Object.entries(countsOf(facts.reach));
  if (counts.length === 0)
    return action.verb === "read"
      ? []
      : [{ word: "blast radius unknown", reason: "the catalog does not say how much such a call touches", weight: 1 }];
  const over = counts.filter(([unit, count]) => count >= large[unit as keyof typeof large]);
  return over.length === 0 ? [] : [{ word: "large reach", reason: `it touches ${reachText(facts.reach)}`, weight: 2 }];
}

function pastWords({ isFirst, stopped }: RiskFacts): Weighed[] {
  const words: Weighed[] = [];
  if (stopped !== undefined)
    words.push({ word: "after a stop", reason: `\`${stopped.by}\` had stopped it: ${stopped.reason}`, weight: 1 });
  if (isFirst)
    words.push({
      word: "first time this target",
      reason: "nobody was asked about it with this tool before",
      weight: 1,
    });
  return words;
}

function countsOf(reach: Reach | undefined): { readonly [unit: string]: number } {
  const { money, ...counts } = reach ?? {};
  return { ...counts, ...(money === undefined ? {} : { minor: money.minor }) };
}

/** `3 objects, 1 row`, or that nobody knows. */
export function reachText(reach: Reach | undefined): string {
  const { money, ...counts } = reach ?? {};
  const said = Object.entries(counts).map(([unit, count]) => `${count} ${count === 1 ? unit.slice(0, -1) : unit}`);
  if (money !== undefined) said.push(moneyText(money));
  return said.length === 0 ? "nobody knows how much" : said.join(", ");
}

function moneyText({ minor, currency }: NonNullable<Reach["money"]>): string {
  if (!/^[A-Z]{3}$/.test(currency)) return `${minor} minor units of \`${currency}\``;
  const money = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  const digits = money.maximumFractionDigits as number;
  return `${(minor / 10 ** digits).toFixed(digits)} ${currency}`;
}

const mostNamed = 3;

function some(names: readonly string[]): string {
  return names.length <= mostNamed
    ? names.join(", ")
    : `${names.slice(0, mostNamed).join(", ")} and ${names.length - mostNamed} more`;
}
