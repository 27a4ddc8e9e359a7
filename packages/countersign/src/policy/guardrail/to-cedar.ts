import { type AmountForm, stepText, type WindowRule, windowText } from "../window.ts";
import { dataEgressClauses } from "./data-egress.ts";
import type { Asking, Egress, Guardrail, Hours, OnlyWithin, RefundLimits } from "./guardrail.ts";
import { rightAfterClause, rightAfterTitle, rightAfterWindow } from "./right-after.ts";
import { scopeClause, scoped, scopeText, touched } from "./scoped.ts";

/** One policy of a guardrail, before it is text. */
interface Part {
  /** Distinguishes the policies of one guardrail; empty where it has only one. */
  readonly part: string;
  readonly title: string;
  readonly window?: WindowRule;
  readonly step?: string;
  readonly ask?: Asking;
  /** Where absent, every tool of the workflow when it executes. */
  readonly tools: readonly string[];
  readonly clauses: readonly string[];
}

/** A guardrail as Cedar that people can read. Call `guardrailFaults` first: names are written into the text as they are. */
export function guardrailToCedar(workflow: string, rule: Guardrail): readonly string[] {
  return partsOf(workflow, rule).map((part) => textOf(workflow, rule, part));
}

/** The id of a guardrail's policy, which is also the name of its window. */
export function guardrailId(workflow: string, name: string, part = ""): string {
  return `${workflow}/guardrail/${name}${part === "" ? "" : `/${part}`}`;
}

function textOf(workflow: string, rule: Guardrail, part: Part): string {
  const id = guardrailId(workflow, rule.name, part.part);
  const { ask } = part;
  const who = ask === undefined || ask.exclude.length === 0 ? "nobody" : ask.exclude.join(",");
  const action = part.tools.length === 0 ? `Action::"execute"` : `[${list(part.tools, (tool) => `Action::"${tool}"`)}]`;
  return [
    `@id("${id}")`,
    `@title("${workflow} ${part.title}")`,
    `@template("${rule.use}")`,
    ...(part.window === undefined ? [] : [`@window("${windowText(part.window)}")`]),
    ...(part.step === undefined ? [] : [`@step("${part.step}")`]),
    ...(ask === undefined
      ? []
      : [
          `@cure("approval") @from("${ask.from}") @count("${ask.count}") @open("${ask.open}") @valid("${ask.valid}") @exclude("${who}")`,
        ]),
    `forbid (principal in Workflow::"${workflow}", action in ${action}, resource)`,
    `${[...part.clauses, ...(ask === undefined ? [] : [`unless { context.facts.cured.contains("${id}") }`])].join("\n")};`,
  ].join("\n");
}

function partsOf(workflow: string, rule: Guardrail): readonly Part[] {
  const { name } = rule;
  const tools = [...rule.tools];
  const what = tools.length === 0 ? "every execution" : tools.join(", ");
  switch (rule.use) {
    case "refund-limits":
      return refundLimits(workflow, rule);
    case "four-eyes":
      return [
        { part: "", title: `asks ${rule.ask.from} before ${what}`, tools, ask: rule.ask, clauses: inProduction(rule) },
      ];
    case "freeze": {
      const day = `context.local["${rule.zone}"].day`;
      return [
        {
          part: "",
          title: `freezes ${what}`,
          tools,
          clauses: [...inProduction(rule), `when { ${day} >= ${rule.from} && ${day} <= ${rule.to} }`],
        },
      ];
    }
    case "change-window":
      return [
        {
          part: "",
          title: `has a change window for ${what}`,
          tools,
          clauses: [...inProduction(rule), `unless { ${during(rule.hours)} }`],
        },
      ];
    case "business-hours":
      return [
        {
          part: "",
          title: `asks ${rule.ask.from} outside business hours before ${what}`,
          tools,
          ask: rule.ask,
          clauses: [...inProduction(rule), `unless { ${during(rule.hours)} }`],
        },
      ];
    case "step-limit":
      return [
        {
          part: "",
          title: `moves ${rule.argument} in steps of at most ${rule.most} with ${what}`,
          step: stepText(rule),
          tools,
          clauses: [
            ...inProduction(rule),
            `when { context.facts.steps["${guardrailId(workflow, name)}"] > ${rule.most} }`,
          ],
        },
      ];
    case "egress":
      return [{ part: "", title: `sends nothing to other domains with ${what}`, tools, clauses: egress(rule) }];
    case "data-egress":
      return tools.map((tool) => ({
        // What stands behind the last slash of an id tells the policies of one guardrail apart.
        part: tool.replaceAll("/", ":"),
        title: `sends nothing to addresses of other domains with ${tool}`,
        tools: [tool],
        clauses: dataEgressClauses(rule, tool),
      }));
    case "first-time-target":
      return [
        {
          part: "",
          title: `asks ${rule.ask.from} the first time that ${what} touches a target`,
          window: { kind: "formerly", tools, per: "target", done: true },
          tools,
          ask: rule.ask,
          clauses: [`unless { context.facts.formerly.contains("${guardrailId(workflow, name)}") }`],
        },
      ];
    case "done-before": {
      const { done, within, since } = rule;
      const last = since === undefined ? {} : { since };
      return [
        {
          part: "",
          title: `needs ${done} done on the same target${since === undefined ? "" : ` since the last ${since}`} before ${what}`,
          window: { kind: "formerly", tools: [done], per: "target", within, ...last, done: true },
          tools,
          clauses: [
            ...inProduction(rule),
            `unless { context.facts.formerly.contains("${guardrailId(workflow, name)}") }`,
          ],
        },
      ];
    }
    case "right-after": {
      const clauses = [...inProduction(rule), rightAfterClause(rule, guardrailId(workflow, name))];
      return [{ part: "", title: rightAfterTitle(rule), window: rightAfterWindow(rule), tools, clauses }];
    }
    case "call-limit":
      return [
        {
          part: "",
          title: `limits ${what}${scopeText(rule)}`,
          window: { kind: "count", tools, ...scoped(rule), within: rule.within },
          tools,
          clauses: [scopeClause(rule, `context.facts.counts["${guardrailId(workflow, name)}"] > ${rule.most}`)],
        },
      ];
    case "object-limit":
      return [
        {
          part: "",
          title: `limits ${rule.counts === undefined ? "what" : `the ${rule.counts} that`} ${what} touches${scopeText(rule)}`,
          window: { kind: "sum", tools, ...scoped(rule), within: rule.within, ...touched(rule) },
          tools,
          clauses: [scopeClause(rule, `context.facts.sums["${guardrailId(workflow, name)}"] > ${rule.most}`)],
        },
      ];
    case "expires":
      return [
        {
          part: "",
          title: `grants ${what} until ${dayText(rule.until)}`,
          tools,
          clauses: [`when { context.local["${rule.zone}"].day > ${rule.until} }`],
        },
      ];
    case "only-within":
      return [{ part: "", title: `keeps ${what} within its scope`, tools, clauses: onlyWithin(rule) }];
  }
}

function refundLimits(workflow: string, rule: RefundLimits): readonly Part[] {
  const { tools, ask, currency } = rule;
  const amount = `context.args.${rule.amount}`;
  const has = `context.args has ${rule.amount}`;
  const names = tools.join(", ");
  return [
    {
      part: "never",
      title: `never refunds more than ${money(rule.upTo)} with ${names}`,
      tools,
      clauses: [`unless { ${has} && ${isPositive(amount, rule.in)} && ${atMost(amount, rule.upTo, rule.in)} }`],
    },
    {
      part: "approval",
      title: `asks ${ask.from} before it refunds ${money(rule.aloneUnder)} or more with ${names}`,
      tools,
      ask,
      clauses: [`unless { ${has} && ${below(amount, rule.aloneUnder, rule.in)} }`],
    },
    ...(currency === undefined
      ? []
      : [
          {
            part: "currency",
            title: `refunds in ${currency.code} only`,
            tools,
            clauses: [
              `unless { context.args has ${currency.argument} && context.args.${currency.argument} == "${currency.code}" }`,
            ],
          },
        ]),
    ...(rule.perDay === undefined
      ? []
      : [
          {
            part: "day",
            title: `never refunds more than ${money(rule.perDay)} in 24 hours with ${names}${scopeText(rule)}`,
            window: {
              kind: "sum" as const,
              tools,
              ...scoped(rule),
              within: "24h",
              argument: rule.amount,
              in: rule.in,
            },
            tools,
            clauses: [
              scopeClause(rule, `context.facts.sums["${guardrailId(workflow, rule.name, "day")}"] > ${rule.perDay}`),
            ],
          },
        ]),
  ];
}

function egress(rule: Egress): readonly string[] {
  const { argument, domains, labels } = rule;
  const carries = labels.map((label) => `resource.labels.contains("${label}")`);
  return [
    ...(carries.length === 0 ? [] : [`when { ${carries.join(" || ")} }`]),
    `unless { context.args has ${argument} && context.args.${argument} has domains && !context.args.${argument}.domains.isEmpty() && [${list(domains)}].containsAll(context.args.${argument}.domains) }`,
  ];
}

function onlyWithin(rule: OnlyWithin): readonly string[] {
  const inTargets = rule.targets.map((prefix) => `resource.target like "${prefix}*"`);
  return [
    `unless { [${list(rule.environments)}].contains(resource.environment.name)${inTargets.length === 0 ? "" : ` && (${inTargets.join(" || ")})`} }`,
  ];
}

function inProduction(rule: { readonly production: boolean }): readonly string[] {
  return rule.production ? ["when { resource.environment.production }"] : [];
}

function during({ zone, days, from, to }: Hours): string {
  const now = `context.local["${zone}"]`;
  const on = (which: readonly number[]) => `[${which.join(", ")}].contains(${now}.weekday)`;
  if (from <= to) return `${on(days)} && ${now}.minute >= ${from} && ${now}.minute < ${to}`;
  // What goes over midnight ends on the day after the one that it began on.
  const ends = days.map((day) => (day % 7) + 1);
  return `(${on(days)} && ${now}.minute >= ${from}) || (${on(ends)} && ${now}.minute < ${to})`;
}

function isPositive(amount: string, form: AmountForm): string {
  return form === "decimal" ? `${amount}.greaterThan(decimal("0.00"))` : `${amount} > 0`;
}

function atMost(amount: string, cents: number, form: AmountForm): string {
  return form === "decimal" ? `${amount}.lessThanOrEqual(${decimal(cents)})` : `${amount} <= ${units(cents, form)}`;
}

function below(amount: string, cents: number, form: AmountForm): string {
  return form === "decimal" ? `${amount}.lessThan(${decimal(cents)})` : `${amount} < ${units(cents, form)}`;
}

function units(cents: number, form: AmountForm): number {
  return form === "whole" ? cents / 100 : cents;
}

function decimal(cents: number): string {
  return `decimal("${money(cents)}")`;
}

function dayText(day: number): string {
  return String(day).replace(/(..)(..)$/, "-$1-$2");
}

function money(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}

function list(names: readonly string[], write = (name: string): string => `"${name}"`): string {
  return names.map(write).join(", ");
}
