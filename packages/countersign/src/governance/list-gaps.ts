import { frozenBecause, type Passkey } from "../identity/index.ts";
import type { Loaded } from "./control.ts";

/** Something that nobody answers for, or only one person could. */
export interface Gap {
  readonly kind: "agent" | "person" | "group" | "workflow" | "server";
  readonly name: string;
  readonly sentence: string;
}

/** What the organisation has not settled, as far as what is in force and the passkeys tell. */
export function listGaps(loaded: Loaded, passkeys: readonly Pick<Passkey, "person">[]): readonly Gap[] {
  return [
    ...agentGaps(loaded),
    ...personGaps(loaded, passkeys),
    ...groupGaps(loaded),
    ...workflowGaps(loaded),
    ...serverGaps(loaded),
  ];
}

function* agentGaps({ workspace, directory }: Loaded): Generator<Gap> {
  for (const { name, owner, workflow } of workspace?.agents ?? []) {
    const frozen = workflow === undefined ? undefined : frozenBecause(directory, name);
    const gone = frozen === undefined && !directory.people.has(owner) ? `its owner \`${owner}\` is gone` : frozen;
    if (gone !== undefined) yield { kind: "agent", name, sentence: gone };
    if (workflow === undefined) yield { kind: "agent", name, sentence: "it is in no workflow, and may do nothing" };
  }
}

function* personGaps({ workspace, directory }: Loaded, passkeys: readonly Pick<Passkey, "person">[]): Generator<Gap> {
  const withPasskey = new Set(passkeys.map(({ person }) => person));
  const managers = new Map(workspace?.people.map(({ email, manager }) => [email, manager]));
  const hasManagers = [...managers.values()].some((manager) => manager !== undefined);
  const asked = new Set((workspace?.workflows ?? []).flatMap(({ ask }) => ask.map(({ from }) => from)));
  const driven = (email: string) =>
    workspace?.workflows.some(({ dri, deputy }) => dri === email || deputy === email) === true;
  for (const { email, groups, newcomer } of directory.people.values()) {
    const answers = driven(email) || asked.has(email) || groups.some((group) => asked.has(group));
    if (answers && !withPasskey.has(email))
      yield { kind: "person", name: email, sentence: "they are asked for approvals, and have no passkey" };
    if (newcomer === true)
      yield {
        kind: "person",
        name: email,
        sentence: "a rule of `login.provider.newcomers` lets them in; they are not under `people`",
      };
    else if (hasManagers && managers.get(email) === undefined)
      yield { kind: "person", name: email, sentence: "it is not said who manages them" };
  }
}

function* groupGaps({ workspace, directory }: Loaded): Generator<Gap> {
  const people = [...directory.people.values()];
  for (const { name } of workspace?.groups ?? []) {
    const members = people.filter(({ groups }) => groups.includes(name)).length;
    if (members === 0) yield { kind: "group", name, sentence: "nobody is in it" };
    if (members === 1) yield { kind: "group", name, sentence: "only one person is in it" };
    for (const { name: workflow, ask } of workspace?.workflows ?? [])
      for (const { tool, count } of ask.filter(({ from }) => from === name))
        if (count > members)
          yield {
            kind: "group",
            name,
            sentence: `\`${workflow}\` asks ${count} of it before \`${tool}\`, and ${members} are in it`,
          };
  }
}

function* workflowGaps({ workspace, directory }: Loaded): Generator<Gap> {
  for (const { name, dri, deputy, delegates, agents } of workspace?.workflows ?? []) {
    const gone = (what: string, email: string): Gap => ({
      kind: "workflow",
      name,
      sentence: `its ${what} \`${email}\` is disabled`,
    });
    if (!directory.people.has(dri)) yield gone("DRI", dri);
    if (deputy === undefined) yield { kind: "workflow", name, sentence: "it has no deputy" };
    else if (!directory.people.has(deputy)) yield gone("deputy", deputy);
    for (const delegate of delegates) if (!directory.people.has(delegate)) yield gone("delegate", delegate);
    if (agents.length === 0) yield { kind: "workflow", name, sentence: "no agent is in it" };
  }
}

/** Targets are owned by whoever owns the system that they lie in. */
function* serverGaps({ workspace, directory }: Loaded): Generator<Gap> {
  for (const { server, owner } of workspace?.toolsFiles ?? []) {
    if (owner === undefined)
      yield { kind: "server", name: server, sentence: "nobody owns it: who answers for its targets is not said" };
    else if (!directory.people.has(owner))
      yield { kind: "server", name: server, sentence: `its owner \`${owner}\` is no person of the workspace` };
  }
}
