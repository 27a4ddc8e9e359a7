import { guardrailId, guardrailToCedar } from "./guardrail/to-cedar.ts";
import type { CedarText } from "./policy.ts";
import { type AskRule, type CapRule, granted, type WorkflowRules } from "./rules.ts";

/**
 * A workflow's rules as Cedar. Ids are stable: `<workflow>/<list>/<tool>`. Call `rulesFaults` first: names are written
 * into the text as they are.
 */
export function workflowToCedar(rules: WorkflowRules): CedarText {
  const policies: string[] = [];
  if (rules.agents.length > 0) {
    for (const tool of rules.allow) {
      policies.push(permit(rules, "allow", tool, `allows ${tool}`));
      if (rules.guardrailed === true) policies.push(writesAsk(rules, tool));
    }
    for (const ask of rules.ask)
      policies.push(permit(rules, "ask", ask.tool, `lets ${ask.tool} be asked for`), approval(rules, ask));
  }
  for (const tool of rules.block) policies.push(block(rules, tool));
  if (granted(rules).length > 0) for (const check of rules.checks ?? []) policies.push(checkFirst(rules, check));
  for (const rule of rules.guardrails ?? []) policies.push(...guardrailToCedar(rules.workflow, rule));
  for (const one of rules.waiting ?? []) policies.push(waits(rules, one));
  for (const rule of rules.caps ?? []) if (rule.tools.length > 0) policies.push(cap(rules, rule));
  return { file: rules.file, source: "workflow", text: policies.join("\n\n") };
}

function permit(rules: WorkflowRules, list: "allow" | "ask", tool: string, what: string): string {
  const agents = rules.agents.map((agent) => `Agent::${quote(agent)}`).join(", ");
  return [
    ...heading(`${rules.workflow}/${list}/${tool}`, `${rules.workflow} ${what}`),
    ...obligations(rules, tool),
    `permit (principal in Workflow::${quote(rules.workflow)}, action == Action::${quote(tool)}, resource)`,
    `when { [${agents}].contains(principal) };`,
  ].join("\n");
}

function obligations(rules: WorkflowRules, tool: string): readonly string[] {
  const cut = (rules.redact ?? []).filter((one) => one.tool === tool).map(({ label }) => label);
  const whole = rules.obligations ?? [];
  const known = whole.find(({ kind }) => kind === "redact");
  const both = { kind: "redact", properties: [...new Set([...(known?.properties ?? []), ...cut])] } as const;
  const asked = cut.length === 0 ? whole : [...whole.filter((one) => one !== known), both];
  if (asked.length === 0) return [];
  const kinds = `@obligation(${quote(asked.map((one) => one.kind).join(","))})`;
  const properties = asked.filter((one) => one.properties.length > 0 && one.kind !== "record_full");
  return [kinds, ...properties.map((one) => `@${one.kind}(${quote(one.properties.join(","))})`)];
}

function approval(rules: WorkflowRules, ask: AskRule): string {
  const { tool, from, count = 1, open = "4h", valid = "1h", exclude = ["requester"], grants } = ask;
  const id = `${rules.workflow}/approval/${tool}`;
  const who = exclude.length === 0 ? "nobody" : exclude.join(",");
  const passkey = ask.passkey === undefined ? "" : ` @passkey("${ask.passkey ? "always" : "never"}")`;
  const taken = grants === undefined ? "" : ` @grants("${grants}")`;
  const glass = ask.glass === undefined ? "" : ` @glass("${ask.glass}")`;
  return [
    ...heading(id, `${rules.workflow} asks ${from} before ${tool}`),
    `@cure("approval") @from(${quote(from)}) @count("${count}") @open("${open}") @valid("${valid}") @exclude("${who}")${passkey}${taken}${glass}`,
    `forbid (principal in Workflow::${quote(rules.workflow)}, action == Action::${quote(tool)}, resource)`,
    `unless { context.facts.cured.contains(${quote(id)}) };`,
  ].join("\n");
}

/** INVARIANT: it stands beside each permit of `allow`; those of `ask` are asked about by themselves, whatever the verb. */
function writesAsk(rules: WorkflowRules, tool: string): string {
  const id = `${rules.workflow}/guardrailed/${tool}`;
  return [
    ...heading(id, `${rules.workflow} is guardrailed: it asks dri before ${tool} writes`),
    `@cure("approval") @from("dri") @count("1") @open("4h") @valid("1h") @exclude("requester")`,
    `forbid (principal in Workflow::${quote(rules.workflow)}, action == Action::${quote(tool)}, resource)`,
    `when { context.tool.verb != "read" }`,
    `unless { context.facts.cured.contains(${quote(id)}) };`,
  ].join("\n");
}

function block(rules: WorkflowRules, tool: string): string {
  return [
    ...heading(`${rules.workflow}/block/${tool}`, `${rules.workflow} blocks ${tool}`),
    `forbid (principal in Workflow::${quote(rules.workflow)}, action == Action::${quote(tool)}, resource);`,
  ].join("\n");
}

function waits(rules: WorkflowRules, { name, tool }: { readonly name: string; readonly tool: string }): string {
  return [
    ...heading(
      `${guardrailId(rules.workflow, name)}/waits/${tool}`,
      `guardrail ${name} of ${rules.workflow} waits until ${tool} is reviewed with the arguments that it reads`,
    ),
    `forbid (principal in Workflow::${quote(rules.workflow)}, action == Action::${quote(tool)}, resource);`,
  ].join("\n");
}

function checkFirst(rules: WorkflowRules, check: { name: string; tools?: readonly string[]; age?: string }): string {
  const id = `${rules.workflow}/check/${check.name}`;
  const tools = (check.tools ?? granted(rules)).map((tool) => `Action::${quote(tool)}`).join(", ");
  return [
    ...heading(id, `${rules.workflow} runs check ${check.name} first`),
    `@cure("check") @check(${quote(check.name)}) @age("${check.age ?? "15m"}")`,
    `forbid (principal in Workflow::${quote(rules.workflow)}, action in [${tools}], resource)`,
    `unless { context.facts.cured.contains(${quote(id)}) };`,
  ].join("\n");
}

/** INVARIANT: it is an `unless`, so that a call whose reach could not be counted is refused like one that is too large. */
function cap(rules: WorkflowRules, { unit, most, currency, tools }: CapRule): string {
  const reach = `context.facts.reach has ${unit} && context.facts.reach.${unit}`;
  const within =
    currency === undefined
      ? `${reach} <= ${most}`
      : `${reach}.currency == ${quote(currency)} && context.facts.reach.${unit}.minor <= ${most}`;
  return [
    ...heading(
      `${rules.workflow}/cap/${unit}`,
      `${rules.workflow} caps the ${unit} of one call at ${most}${currency === undefined ? "" : ` minor units of ${currency}`}`,
    ),
    `forbid (principal in Workflow::${quote(rules.workflow)}, action in [${tools.map((tool) => `Action::${quote(tool)}`).join(", ")}], resource)`,
    `unless { ${within} };`,
  ].join("\n");
}

function heading(id: string, title: string): readonly string[] {
  return [`@id(${quote(id)})`, `@title(${quote(title)})`];
}

/** A Cedar string. What rules may hold needs no escape, so anything that would is a fault of ours. */
function quote(text: string): string {
  if (!/^[ !#-[\]-~]*$/.test(text)) throw new Error("a name that was not checked reached Cedar text");
  return `"${text}"`;
}
