import type { Confidentiality, TakesGrants, Tier } from "@countersign/contract";
import { mostApprovers } from "./cure.ts";
import { durationMs } from "./duration.ts";
import { guardrailFaults } from "./guardrail/faults.ts";
import type { Guardrail } from "./guardrail/guardrail.ts";
import { isKept, type ObligationKind } from "./obligation.ts";
import type { PolicyFault } from "./policy.ts";

/** What a workflow file says about actions; the workspace maps its YAML to this. */
export interface WorkflowRules {
  /** Where faults are reported, such as `workflows/support-replies.yaml`. */
  readonly file: string;
  readonly workflow: string;
  readonly agents: readonly string[];
  /** The tier that is asked for; what is in force is earned or waived (`tiers/`). */
  readonly tier: Tier;
  /** Exact tools, `server.tool`. */
  readonly allow: readonly string[];
  readonly ask: readonly AskRule[];
  readonly block: readonly string[];
  /** `observe` records what would have been done, without doing it. */
  readonly mode?: "observe" | "enforce";
  /** A person approves every write, whatever `allow` says. */
  readonly guardrailed?: true;
  /** The pattern promises that nothing is written: while it is observed, no execution passes. */
  readonly writesNothing?: true;
  /** When observing ends and the rules bite: an instant. Without it, when the file says so. */
  readonly observeUntil?: string;
  /** `off`: what a run has read decides nothing; `enforce` by default. */
  readonly flow?: "enforce" | "off";
  /** Tools that may run in production although nothing undoes them. */
  readonly irreversible?: readonly string[];
  readonly checks?: readonly CheckRule[];
  readonly caps?: readonly CapRule[];
  /** What the answers of a tool are to be without. */
  readonly redact?: readonly { readonly tool: string; readonly label: Confidentiality }[];
  readonly obligations?: readonly { readonly kind: ObligationKind; readonly properties: readonly string[] }[];
  /** Templates with their parameters. */
  readonly guardrails?: readonly Guardrail[];
  /** Tools that a guardrail cannot read as they are reviewed now: they are refused until it can. */
  readonly waiting?: readonly { readonly name: string; readonly tool: string }[];
}

export interface AskRule {
  readonly tool: string;
  /** A group of people, `dri`, or a person's address. */
  readonly from: string;
  /** Distinct persons; 1 by default. */
  readonly count?: number;
  /** How long people are asked, such as `4h`. */
  readonly open?: string;
  /** How long an answer stands, `1h` by default. */
  readonly valid?: string;
  /** `requester` by default. */
  readonly exclude?: readonly ("requester" | "owner")[];
  /** Whether a grant may stand for an approval; `production`: also of an agent of tier 3 in production. */
  readonly grants?: TakesGrants;
  /** Whether only a passkey's signature counts; absent: for what cannot be undone in production. */
  readonly passkey?: boolean;
  /** Nobody breaks the glass over it. */
  readonly glass?: "never";
}

/** How much one call may touch. Money is in minor units. */
export interface CapRule {
  readonly unit: "objects" | "customers" | "nodes" | "rows" | "money";
  readonly most: number;
  readonly currency?: string;
  /** The granted tools whose calls can be counted in it. */
  readonly tools: readonly string[];
}

/** A check that must have passed on a call's arguments before the call runs. */
export interface CheckRule {
  readonly name: string;
  /** Every tool of the workflow where absent. */
  readonly tools?: readonly string[];
  /** How old a pass may be, `15m` by default. */
  readonly age?: string;
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._@:/-]{0,127}$/;
const addressPattern = /^[a-z0-9._%+-]+@[a-z0-9.-]+$/;
// Printable ASCII without quote, backslash, backtick and star: safe inside a Cedar string and inside a sentence.
const toolPattern = /^[!#-)+-[\]-_a-~]+\.[!#-)+-[\]-_a-~]+$/;

/** Everything that is wrong with a workflow's rules; empty where they can be compiled. */
export function rulesFaults(rules: WorkflowRules): readonly PolicyFault[] {
  const faults: PolicyFault[] = [];
  const fault = (detail: string, help?: string) =>
    faults.push({ file: rules.file, detail, ...(help === undefined ? {} : { help }) });
  if (!namePattern.test(rules.workflow)) fault(`\`${rules.workflow}\` is no name of a workflow`);
  for (const agent of rules.agents) {
    if (agent.includes("*")) fault(`\`${agent}\` would grant to every agent`, "name each agent");
    else if (!namePattern.test(agent)) fault(`\`${agent}\` is no name of an agent`);
  }
  for (const tool of namedTools(rules)) {
    if (tool.includes("*"))
      fault(`\`${tool}\` is a wildcard, and there are no wildcard grants`, "name each tool as `server.tool`");
    else if (!toolPattern.test(tool)) fault(`\`${tool}\` is no tool`, "write `server.tool`");
  }
  if (rules.observeUntil !== undefined && Number.isNaN(Date.parse(rules.observeUntil))) {
    fault(`\`${rules.observeUntil}\` is no instant at which observing ends`);
  }
  for (const detail of twice(rules)) fault(detail, "a tool is in one of `allow`, `ask` and `block`, once");
  for (const ask of rules.ask) for (const detail of askFaults(ask)) fault(detail);
  if (rules.guardrailed === true) for (const [detail, help] of guardrailedFaults(rules)) fault(detail, help);
  for (const tool of rules.irreversible ?? []) {
    if (!granted(rules).includes(tool))
      fault(`\`irreversible\` names \`${tool}\`, which is neither in \`allow\` nor in \`ask\``);
  }
  for (const check of rules.checks ?? []) for (const detail of checkFaults(check, rules)) fault(detail);
  for (const rule of rules.guardrails ?? [])
    for (const [detail, help] of guardrailFaults(rule, granted(rules))) fault(detail, help);
  for (const cap of rules.caps ?? []) for (const [detail, help] of capFaults(cap, rules)) fault(detail, help);
  for (const { tool, label } of rules.redact ?? [])
    if (!granted(rules).includes(tool))
      fault(`\`redact\` names \`${tool}\`, which is neither in \`allow\` nor in \`ask\``);
    else if (!isKept({ kind: "redact", properties: { labels: [label] } }))
      fault(`\`${label}\` is no label that is cut`);
  for (const { kind, properties } of rules.obligations ?? [])
    if (!isKept({ kind, properties: { labels: properties } }))
      fault(`obligation \`${String(kind)}\` is none that this gate carries out`);
  return faults;
}

/** The tools that the workflow's agents may use at all. */
export function granted(rules: WorkflowRules): readonly string[] {
  return [...rules.allow, ...rules.ask.map((ask) => ask.tool)];
}

function namedTools(rules: WorkflowRules): readonly string[] {
  return [
    ...granted(rules),
    ...rules.block,
    ...(rules.irreversible ?? []),
    ...(rules.checks ?? []).flatMap((check) => check.tools ?? []),
    ...(rules.guardrails ?? []).flatMap((rule) => rule.tools),
  ];
}

function twice(rules: WorkflowRules): readonly string[] {
  const seen = new Map<string, string>();
  const details: string[] = [];
  const lists = { allow: rules.allow, ask: rules.ask.map((ask) => ask.tool), block: rules.block };
  for (const [list, tools] of Object.entries(lists)) {
    for (const tool of tools) {
      const before = seen.get(tool);
      if (before !== undefined) details.push(`\`${tool}\` is in \`${before}\` and in \`${list}\``);
      seen.set(tool, list);
    }
  }
  return details;
}

function* askFaults(ask: AskRule): Generator<string> {
  if (!namePattern.test(ask.from) && !addressPattern.test(ask.from))
    yield `\`${ask.tool}\` asks \`${ask.from}\`, which is no name of a group and no person's address`;
  const count = ask.count ?? 1;
  if (!Number.isInteger(count) || count < 1 || count > mostApprovers) {
    yield `\`${ask.tool}\` asks for ${count} approvals; it is a number from 1 to ${mostApprovers}`;
  }
  for (const [name, text] of [
    ["open", ask.open],
    ["valid", ask.valid],
  ] as const) {
    if (text !== undefined && durationMs(text) === undefined)
      yield `\`${name}: ${text}\` is no duration such as \`4h\`, at most 30d`;
  }
}

/** What would let a write pass that no person has looked at. */
function* guardrailedFaults({ mode, ask }: WorkflowRules): Generator<[string, string]> {
  if (mode === "observe")
    yield [
      "a guardrailed workflow is not observed: its writes would pass without an approval",
      "write `mode: enforce`",
    ];
  for (const { tool, grants } of ask)
    if (grants !== undefined)
      yield [`\`${tool}\` takes grants, and in a guardrailed workflow each write is looked at`, "leave out `grants`"];
}

function* capFaults({ unit, most, currency, tools }: CapRule, rules: WorkflowRules): Generator<[string, string?]> {
  if (!Number.isSafeInteger(most) || most < 0) yield [`the cap on ${unit} is no whole number`];
  if ((unit === "money") !== (currency !== undefined && /^[A-Z]{3}$/.test(currency)))
    yield [`the cap on ${unit} has no currency, or one that it cannot have`];
  for (const tool of tools)
    if (!granted(rules).includes(tool))
      yield [`the cap on ${unit} names \`${tool}\`, which the workflow does not grant`];
}

function* checkFaults(check: CheckRule, rules: WorkflowRules): Generator<string> {
  if (!namePattern.test(check.name)) yield `\`${check.name}\` is no name of a check`;
  if (check.age !== undefined && durationMs(check.age) === undefined)
    yield `\`age: ${check.age}\` is no duration such as \`15m\``;
  for (const tool of check.tools ?? []) {
    if (!granted(rules).includes(tool))
      yield `check \`${check.name}\` names \`${tool}\`, which the workflow does not grant`;
  }
}
