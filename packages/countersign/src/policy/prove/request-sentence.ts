import type { DecisionInput, JsonObject } from "@countersign/contract";

/** A request as one line for people: who calls what, where, and what is known of it that could matter. */
export function requestSentence(input: DecisionInput): string {
  const { principal, action, resource, facts } = input;
  const known = [
    facts.stopped ? "a stop in force" : undefined,
    action.reviewed ? undefined : "an unreviewed tool",
    facts.reversal === "none" ? undefined : `reversal ${quoted(facts.reversal)}`,
    facts.signals.length === 0 ? undefined : `signals ${facts.signals.map((one) => quoted(one)).join(", ")}`,
    principal.groups.length === 0 ? undefined : `groups ${principal.groups.map((one) => quoted(one)).join(", ")}`,
    facts.checks.length === 0 ? undefined : `passed ${facts.checks.map(({ name }) => quoted(name)).join(", ")}`,
    facts.approvals.length === 0
      ? undefined
      : `approved for ${[...new Set(facts.approvals.map(({ policy }) => quoted(policy)))].join(", ")}`,
    input.run.tainted ? "a tainted run" : undefined,
  ].filter((one) => one !== undefined);
  const where = `${quoted(resource.environment.name)}${resource.environment.production ? " (production)" : ""}`;
  return [
    `agent ${quoted(principal.agent)} (tier ${principal.tier}, workflow ${quoted(principal.workflow)})`,
    `calls ${quoted(action.tool)} (${action.verb})`,
    `on ${quoted(resource.target)} in ${where}`,
    `with ${argumentsText(input.args)}`,
    ...(known.length === 0 ? [] : [`and ${known.join(", ")}`]),
  ].join(" ");
}

function argumentsText(args: JsonObject): string {
  return Object.keys(args).length === 0 ? "no arguments that matter" : quoted(JSON.stringify(args), 300);
}

function quoted(text: string, most = 100): string {
  const cut = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return `\`${cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}`]/gu, "�")}\``;
}
