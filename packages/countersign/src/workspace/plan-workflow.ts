import { type Ask, cutLabels, type Workflow } from "../workflows/index.ts";
import { type Change, compare, differentMembers, isHigher, list, namesBetween, type Risk, type Say } from "./change.ts";
import { sayCaps } from "./plan-caps.ts";
import { sayEscalation } from "./plan-notices.ts";

/** What changes for workflows, in sentences that say who may do more. */
export function planWorkflows(before: readonly Workflow[], after: readonly Workflow[]): Change[] {
  return compare(before, after, {
    kind: "workflow",
    name: (workflow) => workflow.name,
    added: (workflow) => [introduce(workflow), workflow.allow.length + workflow.ask.length > 0 ? "wider" : "none"],
    removed: (workflow) => [`its agents ${list(workflow.agents)} may do nothing any more`, "none"],
    changed: sayChanges,
  });
}

function introduce(workflow: Workflow): string {
  const { tier, dri, agents, allow, ask, block } = workflow;
  const rules = `${allow.length} allowed, ${ask.length} with approval, ${block.length} blocked`;
  const observed = workflow.mode.kind === "observe" ? `, observing until ${workflow.mode.until}` : "";
  return `${list(agents)} at tier ${tier} under \`${dri}\`: ${rules}${observed}`;
}

function sayChanges(was: Workflow, is: Workflow, say: Say): readonly (keyof Workflow)[] {
  sayTools(was, is, say);
  for (const ask of is.ask) {
    const earlier = was.ask.find((each) => each.tool === ask.tool) ?? impliedAsk(was, ask.tool);
    if (earlier !== undefined) sayAsk(earlier, ask, say);
  }
  if (was.tier !== is.tier)
    say(
      `the tier ${is.tier > was.tier ? "rises" : "falls"} from ${was.tier} to ${is.tier}`,
      is.tier > was.tier ? "wider" : "none",
    );
  if (was.pattern !== is.pattern) sayPattern(was, is, say);
  if (was.dri !== is.dri) say(`the DRI is \`${is.dri}\`, no longer \`${was.dri}\``, "unclear");
  sayDelegates(was, is, say);
  sayAgents(was, is, say);
  sayMode(was, is, say);
  if (was.flow !== is.flow)
    say(
      is.flow === "off" ? "what a run has read decides nothing any more" : "what a run has read decides from now on",
      is.flow === "off" ? "wider" : "none",
    );
  sayRedact(was, is, say);
  sayBudget(was, is, say);
  sayCaps(was, is, say);
  sayGate(was, is, say);
  sayGuardrails(was, is, say);
  const told = sayEscalation(was, is, say);
  return [
    "guardrails",
    "allow",
    "ask",
    "block",
    "tier",
    "pattern",
    "dri",
    "delegates",
    "agents",
    "mode",
    "flow",
    "redact",
    "budget",
    "caps",
    "gate",
    ...told,
  ];
}

/** An answer may hold more again, or less. */
function sayRedact(was: Workflow, is: Workflow, say: Say): void {
  const cutOf = ({ redact }: Workflow, tool: string) =>
    cutLabels.find((label) => redact.some((one) => one.tool === tool && one.label === label));
  const tools = new Set([...was.redact, ...is.redact].map(({ tool }) => tool));
  for (const tool of tools) {
    const [before, now] = [cutOf(was, tool), cutOf(is, tool)];
    if (before === now) continue;
    const rank = (label: typeof now) => (label === undefined ? Number.POSITIVE_INFINITY : cutLabels.indexOf(label));
    const what = now === undefined ? "whole again" : `without what is ${now}, or more confidential`;
    const old = before === undefined ? "" : `; it was without what is ${before}`;
    say(`what \`${tool}\` answers comes ${what}${old}`, rank(now) > rank(before) ? "wider" : "none");
  }
}

function sayPattern(was: Workflow, is: Workflow, say: Say): void {
  const asks = is.pattern === "guardrailed" ? ": a person approves every write" : "";
  const asked = was.pattern === "guardrailed" ? ": not every write needs a person any more" : "";
  const risk: Risk = asked !== "" ? "wider" : asks !== "" ? "none" : "unclear";
  say(`it is \`${is.pattern}\`, no longer \`${was.pattern}\`${asks}${asked}`, risk);
}

/** What a guardrailed workflow asks before a tool that it allows writes. */
function impliedAsk(was: Workflow, tool: string): Ask | undefined {
  if (was.pattern !== "guardrailed" || !was.allow.includes(tool)) return undefined;
  return { tool, from: "dri", count: 1, exclude: ["requester"], openMs: 4 * hourMs, validMs: hourMs };
}

const hourMs = 3_600_000;
const strictness = { allow: 0, ask: 1, block: 2, none: 2 } as const;
const words = {
  allow: "allowed",
  ask: "allowed with approval",
  block: "blocked",
  none: "not listed, so refused",
} as const;

function sayTools(was: Workflow, is: Workflow, say: Say): void {
  const tools = new Set([...toolsOf(was), ...toolsOf(is)]);
  for (const tool of [...tools].sort()) {
    const old = answerOf(was, tool);
    const now = answerOf(is, tool);
    if (old === now) continue;
    const risk: Risk = strictness[now] < strictness[old] ? "wider" : "none";
    say(`\`${tool}\` is ${words[now]}; it was ${words[old]}`, risk);
  }
}

function toolsOf(workflow: Workflow): readonly string[] {
  return [...workflow.allow, ...workflow.ask.map((ask) => ask.tool), ...workflow.block];
}

function answerOf(workflow: Workflow, tool: string): keyof typeof words {
  if (workflow.block.includes(tool)) return "block";
  if (workflow.ask.some((ask) => ask.tool === tool)) return "ask";
  return workflow.allow.includes(tool) ? "allow" : "none";
}

function sayAsk(was: Ask, is: Ask, say: Say): void {
  const tool = `\`${is.tool}\``;
  if (was.count !== is.count)
    say(
      `${tool} needs ${is.count} ${is.count === 1 ? "person" : "people"}, no longer ${was.count}`,
      is.count < was.count ? "wider" : "none",
    );
  if (was.from !== is.from) say(`${tool} is asked of \`${is.from}\`, no longer of \`${was.from}\``, "unclear");
  const { came, went } = namesBetween(was.exclude, is.exclude);
  if (went.length > 0) say(`${tool} may be approved by the ${went.join(" and the ")}`, "wider");
  if (came.length > 0) say(`${tool} may no longer be approved by the ${came.join(" and the ")}`);
  if (was.validMs !== is.validMs)
    say(
      `an approval of ${tool} counts ${is.validMs > was.validMs ? "longer" : "shorter"}`,
      is.validMs > was.validMs ? "wider" : "none",
    );
  if (was.grants !== is.grants)
    say(
      `${tool} takes ${is.grants === undefined ? "no grants any more" : `grants${is.grants === "production" ? ", also of tier 3 in production" : ""}`}`,
      is.grants === undefined || was.grants === "production" ? "none" : "wider",
    );
  if (was.passkey !== is.passkey) say(`${tool} ${passkeyWords(is.passkey)}`, fewerPasskeys(was, is) ? "wider" : "none");
  if (was.glass !== is.glass)
    say(`the glass over ${tool} may ${is.glass ?? "now"} be broken`, is.glass === undefined ? "wider" : "none");
  if (was.openMs !== is.openMs)
    say(`a question for ${tool} stays open ${is.openMs > was.openMs ? "longer" : "shorter"}`);
}

function passkeyWords(passkey: boolean | undefined): string {
  if (passkey === undefined) return "takes a passkey where nothing undoes it in production";
  return passkey ? "takes a passkey always" : "never takes a passkey";
}

function fewerPasskeys(was: Ask, is: Ask): boolean {
  return is.passkey === false || (was.passkey === true && is.passkey === undefined);
}

function sayDelegates(was: Workflow, is: Workflow, say: Say): void {
  const { came, went } = namesBetween(was.delegates, is.delegates);
  if (came.length > 0) say(`${list(came)} may administer it`, "wider");
  if (went.length > 0) say(`${list(went)} may no longer administer it`, "unclear");
}

function sayAgents(was: Workflow, is: Workflow, say: Say): void {
  const { came, went } = namesBetween(was.agents, is.agents);
  if (came.length > 0) say(`${list(came)} may act in it`, "wider");
  if (went.length > 0) say(`${list(went)} may no longer act in it`);
}

function sayMode(was: Workflow, is: Workflow, say: Say): void {
  const old = was.mode.kind === "observe" ? was.mode.until : undefined;
  const now = is.mode.kind === "observe" ? is.mode.until : undefined;
  if (old === now) return;
  if (now === undefined) say("its rules are enforced from now on");
  else say(`its rules are observed and not enforced until ${now}`, old === undefined || now > old ? "wider" : "none");
}

function sayBudget(was: Workflow, is: Workflow, say: Say): void {
  for (const part of ["run", "day"] as const) {
    const [old, now] = [was.budget[part], is.budget[part]];
    if (old?.amountMicros === now?.amountMicros && old?.currency === now?.currency) continue;
    const wider =
      old?.currency === now?.currency || now === undefined ? isHigher(old?.amountMicros, now?.amountMicros) : true;
    say(`the budget of a ${part} changes`, wider ? "wider" : "none");
  }
  for (const part of ["perMinute", "perRun", "perDay"] as const) {
    const [old, now] = [was.budget.calls[part], is.budget.calls[part]];
    if (old !== now)
      say(
        `the limit of calls \`${part}\` is ${now ?? "gone"}; it was ${old ?? "not set"}`,
        isHigher(old, now) ? "wider" : "none",
      );
  }
  if (was.budget.alert !== is.budget.alert) say("the share at which people are told of the budget changes");
}

function sayGuardrails(was: Workflow, is: Workflow, say: Say): void {
  const named = ({ guardrails }: Workflow) => new Map(guardrails.map((each) => [each.name ?? each.use, each]));
  const [old, now] = [named(was), named(is)];
  for (const name of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [before, after] = [old.get(name), now.get(name)];
    if (after === undefined) say(`the guardrail \`${name}\` is gone`, "wider");
    else if (before === undefined) say(`the guardrail \`${name}\` holds from now on`);
    else if (differentMembers(before, after).length > 0) say(`the guardrail \`${name}\` changes`, "unclear");
  }
}

function sayGate(was: Workflow, is: Workflow, say: Say): void {
  const [old, now] = [was.gate, is.gate];
  if (differentMembers(old ?? {}, now ?? {}).length === 0) return;
  if (now === undefined) say("there is no evaluation gate any more", "wider");
  else if (old === undefined) say(`the suite \`${now.suite}\` has to hold`);
  else say("the evaluation gate changes", now.threshold < old.threshold ? "wider" : "unclear");
}
