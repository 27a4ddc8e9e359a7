import { checkLogin } from "./check-login.ts";
import { checkNotifications } from "./check-notifications.ts";
import { checkVetoes } from "./check-vetoes.ts";
import { checkWorkloads } from "./check-workloads.ts";
import { type Draft, type Report, repeats } from "./draft.ts";
import { type Complaint, unknownName } from "./finding.ts";
import type { Organisation } from "./organisation.ts";

/** People, groups, agents and the server's address, as `countersign.yaml` states them. */
export function checkOrganisation(draft: Draft, report: Report): void {
  checkPeople(draft, report);
  checkAgents(draft, report);
  checkWorkloads(draft, report);
  checkServer(draft, report);
  checkLogin(draft, report);
  checkVetoes(draft, report);
  checkNotifications(draft, report);
  checkBreakGlass(draft, report);
}

/** Who may answer alone: people that there are, somebody else who reviews it, and somebody who hears of it. */
function checkBreakGlass({ organisation: { source, value } }: Draft, report: Report): void {
  const { breakGlass } = value.approvals;
  if (breakGlass === undefined) return;
  const path = ["approvals", "breakGlass"];
  const emails = value.people.map(({ email }) => email);
  const groups = [...value.groups.map(({ name }) => name), "dri"];
  for (const [index, from] of breakGlass.by.entries()) {
    const at = [...path, "by", index];
    if (from.includes("@") && !emails.includes(from)) report(source, at, unknownName("person", from, emails));
    if (!from.includes("@") && !groups.includes(from)) report(source, at, unknownName("group", from, groups));
  }
  if (value.singlePerson)
    report(source, path, {
      message: "nobody else could review what was answered alone",
      expected: "two people or more",
      help: "delete it: in an organisation of one there is no glass to break",
    });
  if (!value.notifications.some(({ on }) => on.includes("alert")))
    report(source, path, {
      severity: "warning",
      message: "nobody is told when somebody breaks the glass: no channel tells of alerts",
      help: "name a channel under `notifications` with `alert` under `on`",
    });
}

function checkPeople({ organisation: { source, value } }: Draft, report: Report): void {
  const groups = new Set(value.groups.map((group) => group.name));
  if (groups.has("dri")) {
    report(
      source,
      ["groups", "dri"],
      { message: "a group cannot be named `dri`: that is how a workflow asks its DRI", expected: "another name" },
      "key",
    );
  }
  for (const { name, index } of repeats(value.people.map((person) => person.email))) {
    report(source, ["people", index, "email"], { message: `\`${name}\` is here twice`, expected: "each person once" });
  }
  const emails = new Set(value.people.map(({ email }) => email));
  for (const [index, person] of value.people.entries()) {
    if (person.manager !== undefined && !emails.has(person.manager))
      report(source, ["people", index, "manager"], unknownName("person", person.manager, emails));
    if (person.manager === person.email)
      report(source, ["people", index, "manager"], { message: "nobody manages themself", expected: "another person" });
    for (const [at, group] of person.groups.entries()) {
      if (!groups.has(group))
        report(
          source,
          ["people", index, "groups", at],
          unknownName("group", group, groups, "if it is new, add it under `groups`"),
        );
    }
  }
  const able = value.people.filter((person) => !person.disabled);
  if (!able.some((person) => person.roles.includes("admin"))) {
    report(
      source,
      ["people"],
      { message: "nobody has the role `admin`", expected: "at least one person with it" },
      "key",
    );
  }
  checkSigners({ ...value, people: able }, (complaint) => report(source, ["people"], complaint, "key"));
  const people = new Set(able.map((person) => person.email)).size;
  if (value.singlePerson && people > 1) {
    report(source, ["singlePerson"], {
      message: `\`singlePerson\` is true and there are ${people} people`,
      expected: "exactly one person",
      help: "delete the line",
    });
  }
  if (!value.singlePerson && people === 1) {
    report(
      source,
      ["people"],
      {
        message: "there is only one person, and changes take two",
        expected: "two people or more",
        help: "add a second person, or say `singlePerson: true`; receipts will show it",
      },
      "key",
    );
  }
}

/** Without a second person who may sign, nothing could be put in force any more, this mistake included. */
function checkSigners({ people, singlePerson }: Organisation, report: (complaint: Complaint) => void): void {
  const [signer, ...others] = people.filter(({ roles }) => roles.includes("admin") || roles.includes("operator"));
  const isAlone = others.length === 0 && signer?.roles.includes("admin") === true;
  if (singlePerson || people.length === 1 || !isAlone) return;
  report({
    message: "putting files in force takes two people, and nobody could be the second",
    expected: "a second person with the role `admin` or `operator`",
  });
}

function checkAgents(
  { organisation: { source, value }, workflows, workflowsAreComplete }: Draft,
  report: Report,
): void {
  const people = new Set(value.people.map((person) => person.email));
  const workflowNames = new Set(workflows.map((workflow) => workflow.value.name));
  const placed = new Map(
    workflows.flatMap((workflow) => workflow.value.agents.map((agent) => [agent, workflow.value.name])),
  );
  for (const { name, index } of repeats(value.agents.map((agent) => agent.name))) {
    report(source, ["agents", index, "name"], {
      message: `the agent \`${name}\` is here twice`,
      expected: "each agent once",
    });
  }
  for (const [index, agent] of value.agents.entries()) {
    // A warning: who leaves is taken out at once, and what they owned stands still until somebody takes it over.
    if (!people.has(agent.owner))
      report(source, ["agents", index, "owner"], {
        ...unknownName("person", agent.owner, people, "the agent is frozen until a person of the workspace owns it"),
        severity: "warning",
      });
    if (!workflowsAreComplete) continue;
    const workflow = placed.get(agent.name);
    if (agent.workflow !== undefined && !workflowNames.has(agent.workflow)) {
      report(source, ["agents", index, "workflow"], unknownName("workflow", agent.workflow, workflowNames));
    } else if (agent.workflow !== undefined && agent.workflow !== workflow) {
      report(source, ["agents", index, "workflow"], {
        message: `\`workflows/${agent.workflow}.yaml\` does not list the agent \`${agent.name}\``,
        help: "add it to `agents` there, or delete this line",
      });
    } else if (workflow === undefined) {
      report(source, ["agents", index, "name"], {
        severity: "warning",
        message: `the agent \`${agent.name}\` is in no workflow and may do nothing`,
        help: "list it under `agents` of a workflow",
      });
    }
  }
}

function checkServer({ organisation: { source, value } }: Draft, report: Report): void {
  const { listen, tls, trustedProxies } = value.server;
  const host = listen.slice(0, listen.lastIndexOf(":"));
  const isLoopback = host === "localhost" || host === "[::1]" || /^127(\.[0-9]{1,3}){3}$/.test(host);
  if (isLoopback || tls !== undefined || trustedProxies.length > 0) return;
  report(source, ["server", "listen"], {
    message: "the server would answer others without TLS",
    expected: "`127.0.0.1`, or `tls`, or `trustedProxies` in front of it",
  });
}
