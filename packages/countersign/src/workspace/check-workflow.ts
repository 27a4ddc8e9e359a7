import type { Workflow } from "../workflows/index.ts";
import { type Draft, type Report, repeats, stem, type Typed } from "./draft.ts";
import { quoted, unknownName } from "./finding.ts";

/** Who answers for a workflow, which agents are in it, and whether its parts agree with each other. */
export function checkWorkflow(draft: Draft, workflow: Typed<Workflow>, report: Report): void {
  const { source, value } = workflow;
  if (stem(source.file) !== value.name) {
    report(source, ["workflow"], {
      message: `the workflow \`${value.name}\` stands in a file of another name`,
      expected: `\`workflows/${value.name}.yaml\``,
      help: "rename the file or the workflow",
    });
  }
  checkPeople(draft, workflow, report);
  checkCover(workflow, report);
  checkAgents(draft, workflow, report);
  checkEscalation(draft, workflow, report);
  checkTier(workflow, report);
  if (value.pattern === "guardrailed") checkGuardrailed(workflow, report);
  const { baseline } = value;
  if (baseline !== undefined && baseline.to < baseline.from) {
    report(source, ["baseline", "to"], {
      message: "the period ends before it starts",
      expected: `a day from \`${baseline.from}\` on`,
    });
  }
}

function checkPeople(draft: Draft, { source, value }: Typed<Workflow>, report: Report): void {
  const all = draft.organisation.value.people;
  const people = new Map(all.map((person) => [person.email, person]));
  const dri = people.get(value.dri);
  if (dri === undefined) report(source, ["dri"], unknownName("person", value.dri, people.keys()));
  else if (!dri.roles.includes("dri")) {
    report(source, ["dri"], {
      message: `\`${value.dri}\` does not have the role \`dri\``,
      expected: "a person with it",
      help: "give them the role in `countersign.yaml`, or name another person",
    });
  }
  for (const [at, delegate] of value.delegates.entries())
    if (!people.has(delegate)) report(source, ["delegates", at], unknownName("person", delegate, people.keys()));
  if (dri?.disabled === true)
    report(source, ["dri"], {
      severity: "warning",
      message: `\`${value.dri}\` is disabled, and nobody else answers for this workflow`,
      help: value.deputy === undefined ? "name another DRI" : "the deputy answers meanwhile; name another DRI",
    });
  if (value.deputy === undefined) return;
  if (!people.has(value.deputy)) report(source, ["deputy"], unknownName("person", value.deputy, people.keys()));
  if (value.deputy === value.dri)
    report(source, ["deputy"], { message: "the deputy is the DRI", expected: "another person" });
}

function checkCover({ source, value }: Typed<Workflow>, report: Report): void {
  const sorted = value.cover.map((cover, index) => ({ ...cover, index })).sort((a, b) => (a.from < b.from ? -1 : 1));
  let covered = "";
  for (const { index, person, from, to } of sorted) {
    if (to < from)
      report(source, ["cover", index, "to"], {
        message: "the cover ends before it starts",
        expected: `a day from \`${from}\` on`,
      });
    if (from <= covered)
      report(source, ["cover", index, "from"], {
        message: "two covers overlap",
        expected: `a day after \`${covered}\``,
        help: "on each day one person stands in",
      });
    if (person === value.dri)
      report(source, ["cover", index, "person"], { message: "the cover is the DRI", expected: "another person" });
    if (to > covered) covered = to;
  }
}

function checkAgents(draft: Draft, { source, value }: Typed<Workflow>, report: Report): void {
  const known = new Set(draft.organisation.value.agents.map((agent) => agent.name));
  if (value.agents.length === 0)
    report(
      source,
      ["agents"],
      { message: "the workflow has no agents", expected: "the name of at least one agent" },
      "key",
    );
  for (const { name, index } of repeats(value.agents))
    report(source, ["agents", index], { message: `the agent \`${name}\` is here twice` });
  for (const [index, agent] of value.agents.entries()) {
    if (!known.has(agent))
      report(
        source,
        ["agents", index],
        unknownName("agent", agent, known, "if it is new, add it under `agents` in `countersign.yaml`, with its owner"),
      );
    const other = draft.workflows.find((each) => each.source.file < source.file && each.value.agents.includes(agent));
    if (other !== undefined) {
      report(source, ["agents", index], {
        message: `the agent \`${agent}\` is also in the workflow \`${other.value.name}\``,
        expected: "each agent in one workflow",
        help: "two workflows would give it two sets of rules: make a second agent",
      });
    }
  }
}

function checkEscalation(draft: Draft, { source, value }: Typed<Workflow>, report: Report): void {
  const people = draft.organisation.value.people.map((person) => person.email);
  const groups = draft.organisation.value.groups.map((group) => group.name);
  const known = new Set([...people, ...groups, "dri"]);
  for (const [index, step] of value.escalation.entries()) {
    if (!known.has(step.to)) report(source, ["escalation", index], unknownName("person or group", step.to, known));
  }
  for (const [index, cover] of value.cover.entries()) {
    if (!people.includes(cover.person))
      report(source, ["cover", index, "person"], unknownName("person", cover.person, people));
  }
}

/** What would let a write pass that no person has looked at. */
function checkGuardrailed({ source, value }: Typed<Workflow>, report: Report): void {
  if (value.mode.kind === "observe")
    report(source, ["mode"], {
      message: "a `guardrailed` workflow is not observed: its writes would pass without an approval",
      expected: "`enforce`",
      help: "choose another pattern while its rules are only observed",
    });
  for (const [index, { tool, grants }] of value.ask.entries())
    if (grants !== undefined)
      report(source, ["ask", index, "grants"], {
        message: `${quoted(tool)} takes grants, and in a \`guardrailed\` workflow each write is looked at`,
        expected: "no `grants`",
        help: "leave it out, or choose another pattern",
      });
}

/** The highest tier that each pattern can ask for. */
const highestTier = {
  "copilot-only": 1,
  guardrailed: 2,
  "autonomous-nonprod": 2,
  "autonomous-prod-limited": 3,
  mesh: 3,
} as const;

function checkTier({ source, value }: Typed<Workflow>, report: Report): void {
  const highest = highestTier[value.pattern];
  if (value.tier > highest) {
    report(source, ["tier"], {
      message: `tier ${value.tier} does not go with \`${value.pattern}\``,
      expected: `a tier up to ${highest}`,
      help: "lower the tier or choose another pattern",
    });
  }
  if (value.tier < 3) return;
  for (const part of ["gate", "rollback"] as const) {
    if (value[part] === undefined)
      report(source, ["tier"], {
        message: `tier 3 without \`${part}\``,
        expected: `\`${part}\` in this file`,
        help: "production needs checks that hold and a way back",
      });
  }
}
