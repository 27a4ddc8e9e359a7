import * as api from "@countersign/contract/api";
import { z } from "zod";
import { endLogins, type Gap, listGaps, observedUntil } from "../../../governance/index.ts";
import { frozenBecause, listPasskeys } from "../../../identity/index.ts";
import { asPerson, type Route, route } from "../route.ts";
import type { HttpSetting } from "../setting.ts";
import { ok, receiptOf } from "./answers.ts";

export const peopleRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/agents",
    summary: "Agents, who answers for them, and the tier that is in force",
    who: { person: "read-action" },
    answers: { 200: { schema: api.agents } },
    async run({ setting }) {
      const { workspace, directory } = setting.control.keeper.loaded();
      const gaps = sentencesOf("agent", await gapsOf(setting));
      const agents = (workspace?.agents ?? []).map((agent) => {
        const known = directory.agents.get(agent.name);
        return {
          name: agent.name,
          owner: agent.owner,
          workflow: known?.workflow ?? null,
          dri: known?.dri ?? null,
          tier: known === undefined ? null : directory.tierOf(agent.name, known.workflow),
          purpose: agent.purpose ?? null,
          frozen: frozenBecause(directory, agent.name) ?? null,
          observedUntil: observedUntil(setting.control, agent.name) ?? null,
          gaps: gaps(agent.name),
        };
      });
      return ok({ agents });
    },
  }),
  route({
    method: "GET",
    path: "/v1/people",
    summary: "People, their roles and groups, also those whom a rule lets in",
    who: { person: "read-action" },
    answers: { 200: { schema: api.people } },
    async run({ setting }) {
      const { workspace, directory } = setting.control.keeper.loaded();
      const passkeys = await listPasskeys(setting.control.parts.db);
      const gaps = sentencesOf("person", await gapsOf(setting));
      const listed = new Map((workspace?.people ?? []).map((person) => [person.email, person]));
      const all = new Map([...listed, ...directory.people]);
      const people = [...all.values()].map(({ email, name, roles, groups }) => ({
        email,
        name,
        roles,
        groups,
        manager: listed.get(email)?.manager ?? null,
        newcomer: !listed.has(email),
        disabled: listed.get(email)?.disabled ?? false,
        passkeys: passkeys.filter(({ person }) => person === email).length,
        gaps: gaps(email),
      }));
      return ok({ people });
    },
  }),
  route({
    method: "POST",
    path: "/v1/people/:email/end-logins",
    summary: "Log a person out everywhere at once",
    who: { person: "end-session", inVerb: true },
    params: z.strictObject({ email: api.email }),
    body: api.endLoginsBody,
    answers: { 200: { schema: api.loginsEnded } },
    async run(visit) {
      const { entry, ...ended } = await endLogins(visit.setting.control, asPerson(visit), {
        person: visit.params.email,
        ...visit.body,
      });
      return ok({ ...ended, ...receiptOf(entry) });
    },
  }),
  route({
    method: "GET",
    path: "/v1/groups",
    summary: "Groups and who is in them",
    who: { person: "read-action" },
    answers: { 200: { schema: api.groups } },
    async run({ setting }) {
      const { workspace, directory } = setting.control.keeper.loaded();
      const people = [...directory.people.values()];
      const gaps = sentencesOf("group", await gapsOf(setting));
      const groups = (workspace?.groups ?? []).map(({ name, purpose }) => ({
        name,
        purpose: purpose ?? null,
        members: people.filter((person) => person.groups.includes(name)).map(({ email }) => email),
        gaps: gaps(name),
      }));
      return ok({ groups });
    },
  }),
  route({
    method: "GET",
    path: "/v1/workflows",
    summary: "The rules of the road in force",
    who: { person: "read-action" },
    answers: { 200: { schema: api.workflows } },
    async run({ setting }) {
      const gaps = sentencesOf("workflow", await gapsOf(setting));
      const workflows = setting.control.keeper.loaded().workspace?.workflows ?? [];
      return ok({ workflows: workflows.map((one) => ({ ...one, gaps: gaps(one.name) })) });
    },
  }),
  route({
    method: "GET",
    path: "/v1/gaps",
    summary: "What nobody answers for, or only one person could",
    who: { person: "read-action" },
    answers: { 200: { schema: api.gapList } },
    run: async ({ setting }) => ok({ gaps: await gapsOf(setting) }),
  }),
];

async function gapsOf({ control }: HttpSetting): Promise<readonly Gap[]> {
  return listGaps(control.keeper.loaded(), await listPasskeys(control.parts.db));
}

function sentencesOf(kind: Gap["kind"], gaps: readonly Gap[]): (name: string) => readonly string[] {
  return (name) => gaps.filter((gap) => gap.kind === kind && gap.name === name).map(({ sentence }) => sentence);
}
