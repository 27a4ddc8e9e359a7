import type { Tier } from "@countersign/contract";
import type { Role } from "./caller.ts";
import type { WorkloadRule } from "./workload.ts";

/** An agent as the workspace in force declares it. */
export interface Agent {
  readonly name: string;
  /** E-mail address of the person who owns it. */
  readonly owner: string;
  readonly workflow: string;
  readonly dri: string;
  readonly groups: readonly string[];
}

export interface Person {
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  /** Not in the workspace's file: the identity provider says of them what a rule of it lets in. */
  readonly newcomer?: true;
}

/** Agents and people of the workspace in force: an immutable snapshot in memory, replaced as a whole. */
export interface Directory {
  readonly agents: ReadonlyMap<string, Agent>;
  readonly people: ReadonlyMap<string, Person>;
  /** Who stands in the file and is disabled there; not among the people. */
  readonly disabled?: ReadonlySet<string>;
  /** By which tokens of which issuers an agent is known, of all agents; absent where there are none. */
  readonly workloads?: readonly WorkloadRule[];
  /** What `countersign.yaml` states; `isSinglePerson` says whether it is true. */
  readonly singlePerson: boolean;
  tierOf(agent: string, workflow: string): Tier;
}

/** A stated single-person organisation counts only while there really is no second person to ask. */
export function isSinglePerson(directory: Directory): boolean {
  return directory.singlePerson && directory.people.size === 1;
}

/** Why this agent may not act at all, as a sentence; undefined where it may. */
export function frozenBecause(directory: Directory, agent: string): string | undefined {
  const found = directory.agents.get(agent);
  if (found === undefined) return `agent \`${agent}\` is not in the workspace in force`;
  if (!directory.people.has(found.owner)) {
    const why = directory.disabled?.has(found.owner) === true ? "is disabled" : "is no longer in the workspace";
    return `agent \`${agent}\` is frozen: its owner \`${found.owner}\` ${why}`;
  }
  return undefined;
}
