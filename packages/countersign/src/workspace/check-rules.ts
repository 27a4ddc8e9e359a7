import type { Ask, Workflow } from "../workflows/index.ts";
import { checkGuardrails } from "./check-guardrails.ts";
import type { Draft, Report, Typed } from "./draft.ts";
import { type Complaint, type Path, quoted, unknownName } from "./finding.ts";
import { memberValue } from "./outline.ts";
import type { ProvidedTools } from "./provided-tools.ts";

/** What a workflow allows, asks for and blocks: tools that exist, each once, and questions that people can answer. */
export function checkRules(draft: Draft, workflow: Typed<Workflow>, provided: ProvidedTools, report: Report): void {
  const { source, value } = workflow;
  const rules = [
    ...value.allow.map((tool, index) => ({ tool, path: ["allow", index] as Path, answer: "allow" })),
    ...value.ask.map((ask, index) => ({ tool: ask.tool, path: ["ask", index, "tool"] as Path, answer: "ask" })),
    ...value.block.map((tool, index) => ({ tool, path: ["block", index] as Path, answer: "block" })),
  ];
  if (rules.length === 0) {
    report(source, [], {
      message: "the workflow has no rules",
      expected: "`allow`, `ask` or `block` with at least one tool",
      help: "without rules its agents may do nothing",
    });
  }
  const answers = new Map<string, string>();
  const said = new Set<string>();
  for (const { tool, path, answer } of rules) {
    const earlier = answers.get(tool);
    if (earlier !== undefined) {
      report(source, path, {
        message: `${quoted(tool)} already stands under \`${earlier}\``,
        expected: "each tool once, under `allow`, `ask` or `block`",
      });
    }
    answers.set(tool, earlier ?? answer);
    const unknown = unknownTool(draft, provided, tool);
    // A server that is missing is said once, not for each of its tools.
    if (unknown !== undefined && !said.has(unknown.message)) report(source, path, unknown);
    said.add(unknown?.message ?? "");
  }
  for (const [index, tool] of value.irreversible.entries()) {
    if (answers.get(tool) === "allow" || answers.get(tool) === "ask") continue;
    report(source, ["irreversible", index], {
      message: `${quoted(tool)} stands neither under \`allow\` nor under \`ask\``,
      expected: "a tool that the workflow grants",
    });
  }
  for (const [index, { tool }] of value.redact.entries()) {
    if (answers.get(tool) === "allow" || answers.get(tool) === "ask") continue;
    report(source, ["redact", index, "tool"], {
      message: `${quoted(tool)} stands neither under \`allow\` nor under \`ask\``,
      expected: "a tool that the workflow grants",
    });
  }
  for (const [index, ask] of value.ask.entries()) checkAsk(draft, workflow, ask, ["ask", index], report);
  checkGuardrails(draft, workflow, provided, report);
}

export function unknownTool(draft: Draft, provided: ProvidedTools, id: string): Complaint | undefined {
  const [server = ""] = id.split(".", 1);
  const tools = provided.get(server);
  const help = `if it is new, describe it in \`tools/${server}.yaml\``;
  if (tools !== undefined)
    return tools === "unknown" || tools.has(id) ? undefined : unknownName("tool", id, tools, help);
  return draft.toolsAreComplete ? unknownName("server", server, provided.keys(), help) : undefined;
}

/** Whether there are people enough who can answer what stands at a place of the file. */
export function checkAsk(
  draft: Draft,
  { source, value }: Typed<Workflow>,
  ask: Pick<Ask, "from" | "count" | "exclude">,
  path: Path,
  report: Report,
): void {
  const { agents, singlePerson } = draft.organisation.value;
  const asked = askedOf(draft, value, ask.from);
  if ("complaint" in asked) {
    report(source, [...path, "from"], asked.complaint);
    return;
  }
  if (asked.isFilled === true) return;
  const disabled = new Set(draft.organisation.value.people.filter((one) => one.disabled).map(({ email }) => email));
  const people = asked.people.filter((one) => !disabled.has(one));
  const owners = agents.filter((agent) => value.agents.includes(agent.name)).map((agent) => agent.owner);
  // One owner is out at a time: the owner of the agent that asks.
  const excludesOwner = !singlePerson && ask.exclude.includes("owner");
  const lost = excludesOwner && people.some((person) => owners.includes(person)) ? 1 : 0;
  const left = people.length - lost;
  if (left >= ask.count) return;
  const why = lost === 0 ? "" : ", without the agent's owner";
  // Somebody is disabled in a hurry: then the others answer, or nobody does, until the file is put right.
  const severity = left + asked.people.length - people.length >= ask.count ? "warning" : undefined;
  report(source, [...path, left === 0 || !hasCount(source.value, path) ? "from" : "count"], {
    message: `${asked.there(left === 1 ? "is 1 person" : `are ${left} people`)}${why}`,
    expected: `at least ${ask.count}`,
    severity,
    help: asked.help,
  });
}

interface Asked {
  readonly people: readonly string[];
  /** The identity provider says who else is in it: that is known when they log in. */
  readonly isFilled?: boolean;
  readonly there: (howMany: string) => string;
  readonly help: string;
}

/** The people whom `from` means on every day. */
function askedOf(draft: Draft, workflow: Workflow, from: string): Asked | { readonly complaint: Complaint } {
  const { people, groups, login } = draft.organisation.value;
  if (from === "dri") {
    return {
      people: [workflow.dri, workflow.deputy].filter((one) => one !== undefined),
      there: (howMany) => `there ${howMany} to ask as \`dri\` on a day without a cover`,
      help: "name a `deputy`, or lower `count`",
    };
  }
  if (from.includes("@")) {
    const known = people.map(({ email }) => email);
    if (!known.includes(from)) return { complaint: unknownName("person", from, known) };
    const there = (howMany: string) => `there ${howMany} to ask: ${quoted(from)}`;
    return { people: [from], there, help: "ask a group, or lower `count`" };
  }
  const known = groups.map((group) => group.name);
  if (!known.includes(from)) {
    const help =
      "if it is new, add it under `groups` in `countersign.yaml`; one person is asked by their e-mail address";
    return { complaint: unknownName("group", from, [...known, "dri"], help) };
  }
  const approvers = people.filter((person) => person.groups.includes(from) && person.roles.includes("approver"));
  return {
    people: approvers.map(({ email }) => email),
    isFilled: login.provider?.groups.some(({ group }) => group === from) === true,
    there: (howMany) => `in the group \`${from}\` there ${howMany} with the role \`approver\``,
    help: "add approvers to the group in `countersign.yaml`, or lower `count`",
  };
}

function hasCount(file: unknown, path: Path): boolean {
  const ask = path.reduce<unknown>(memberValue, file);
  return typeof ask === "object" && ask !== null && "count" in ask;
}
