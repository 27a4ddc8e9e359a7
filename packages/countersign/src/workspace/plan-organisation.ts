import { type Change, compare, difference, isHigher, list, namesBetween, type Risk, type Say } from "./change.ts";
import type { Agent, Environment, Group, Person } from "./organisation.ts";
import { sayApprovals } from "./plan-approvals.ts";
import { sayLogin } from "./plan-login.ts";
import { sayNotifications } from "./plan-notices.ts";
import { planVetoes, sayDecisionLog } from "./plan-vetoes.ts";
import { knownBy, sayWorkloads } from "./plan-workloads.ts";
import type { Workspace } from "./workspace.ts";

/** What changes for people, groups, agents, environments and the organisation itself. */
export function planOrganisation(before: Workspace | undefined, after: Workspace): Change[] {
  return [
    ...(before === undefined
      ? []
      : difference("organisation", after.organisation.name, before.organisation, after.organisation, sayOrganisation)),
    ...planPeople(before?.people ?? [], after.people),
    ...planGroups(before?.groups ?? [], after.groups),
    ...planAgents(before?.agents ?? [], after.agents),
    ...planEnvironments(before?.environments ?? [], after.environments),
    ...planVetoes(before?.organisation.vetoes ?? [], after.organisation.vetoes),
  ];
}

export type Settings = Workspace["organisation"];

function sayOrganisation(was: Settings, is: Settings, say: Say): readonly (keyof Settings)[] {
  if (was.singlePerson !== is.singlePerson) {
    say(
      is.singlePerson ? "one person suffices for what takes two" : "what takes two people takes two again",
      is.singlePerson ? "wider" : "none",
    );
  }
  for (const part of ["perMinute", "perRun", "perDay"] as const) {
    const [old, now] = [was.limits[part], is.limits[part]];
    if (old !== now)
      say(
        `the limit of calls \`${part}\` is ${now ?? "gone"}; it was ${old ?? "not set"}`,
        isHigher(old, now) ? "wider" : "none",
      );
  }
  const told = [...sayNotifications(was, is, say), ...sayApprovals(was, is, say), ...sayLogin(was, is, say)];
  return ["singlePerson", "limits", "vetoes", ...told, ...sayDecisionLog(was, is, say)];
}

function planPeople(before: readonly Person[], after: readonly Person[]): Change[] {
  return compare(before, after, {
    kind: "person",
    name: (person) => person.email,
    added: (person) => [
      `${list(person.roles)}${person.groups.length > 0 ? ` in ${list(person.groups)}` : ""}`,
      powerOf(person.roles),
    ],
    removed: (person) => [`no longer ${list(person.roles)}; agents they own are frozen`, "none"],
    changed: (was, is, say) => {
      for (const part of ["roles", "groups"] as const) {
        const { came, went } = namesBetween(was[part], is[part]);
        const word = part === "roles" ? "role" : "group";
        if (came.length > 0) say(`gains the ${word} ${list(came)}`, part === "groups" ? "wider" : powerOf(came));
        if (went.length > 0) say(`loses the ${word} ${list(went)}`);
      }
      if (was.name !== is.name) say("the name changes");
      if (was.disabled !== is.disabled)
        say(
          is.disabled ? "is disabled: logins end, and agents they own are frozen" : "is no longer disabled",
          is.disabled ? "none" : powerOf(is.roles),
        );
      if (was.manager !== is.manager)
        say(is.manager === undefined ? "it is not said who manages them" : `\`${is.manager}\` manages them`);
      return ["roles", "groups", "name", "manager", "disabled"];
    },
  });
}

/** Whoever may answer, change or own is one more hand that can let an action through. */
function powerOf(roles: readonly string[]): Risk {
  return roles.some((role) => role !== "viewer" && role !== "auditor") ? "wider" : "none";
}

function planGroups(before: readonly Group[], after: readonly Group[]): Change[] {
  return compare(before, after, {
    kind: "group",
    name: (group) => group.name,
    added: () => ["a new group", "none"],
    removed: () => ["the group is gone", "none"],
    changed: (_was, _is, say) => {
      say("the purpose changes");
      return ["purpose"];
    },
  });
}

function planAgents(before: readonly Agent[], after: readonly Agent[]): Change[] {
  return compare(before, after, {
    kind: "agent",
    name: (agent) => agent.name,
    added: (agent) => [
      `owned by \`${agent.owner}\`${agent.workflow === undefined ? ", in no workflow" : ` in \`${agent.workflow}\``}${knownBy(agent)}`,
      agent.workflow === undefined ? "none" : "wider",
    ],
    removed: () => ["it may do nothing any more", "none"],
    changed: (was, is, say) => {
      if (was.owner !== is.owner) say(`its owner is \`${is.owner}\`, no longer \`${was.owner}\``);
      if (was.workflow !== is.workflow)
        say(
          is.workflow === undefined ? "it is in no workflow any more" : `it acts in \`${is.workflow}\``,
          is.workflow === undefined ? "none" : "wider",
        );
      if (was.purpose !== is.purpose) say("the purpose changes");
      return ["owner", "workflow", "purpose", ...sayWorkloads(was, is, say)];
    },
  });
}

function planEnvironments(before: readonly Environment[], after: readonly Environment[]): Change[] {
  const word = (environment: Environment): string => (environment.production ? "production" : "not production");
  return compare(before, after, {
    kind: "environment",
    name: (environment) => environment.name,
    added: (environment) => [word(environment), environment.production ? "none" : "wider"],
    removed: () => ["what it named counts as production", "none"],
    changed: (was, is, say) => {
      if (was.production !== is.production)
        say(`it is ${word(is)}; it was ${word(was)}`, is.production ? "none" : "wider");
      if (was.purpose !== is.purpose) say("the purpose changes");
      return ["production", "purpose"];
    },
  });
}
