import { canonical, type Json } from "@countersign/contract";
import * as api from "@countersign/contract/api";
import { z } from "zod";
import type { OpenAction } from "../../../action/index.ts";
import { digestText } from "../../../floor/digest.ts";
import { Problem } from "../../../floor/problem.ts";
import { answer, type Control, contextOf, settleUnknown } from "../../../governance/index.ts";
import { may, type PersonCaller } from "../../../identity/index.ts";
import { asPerson, type Route, route } from "../route.ts";
import { ok, viewFor } from "./answers.ts";

const one = z.strictObject({ id: api.actionId });
/** The inbox is small by nature: what is above this is told as a page. */
const mostOpen = 1000;

export const approvalRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/approvals",
    summary: "What waits for an answer, oldest first",
    who: { person: "read-action" },
    query: api.approvalQuery,
    answers: { 200: { schema: api.approvalPage } },
    async run(visit) {
      const { control } = visit.setting;
      const person = asPerson(visit);
      const { cursor, limit } = visit.query;
      const all = await control.hall.listOpen(["held"], mostOpen);
      const from = cursor === undefined ? 0 : all.findIndex((open) => open.id === cursor) + 1;
      const page = all.slice(from, from + limit);
      const last = page.at(-1);
      const more = last !== undefined && from + limit < all.length ? { next: last.id } : {};
      return ok({ approvals: page.map((open) => ({ ...open, yours: mayAnswer(control, person, open) })), ...more });
    },
  }),
  route({
    method: "GET",
    path: "/v1/approvals/:id",
    summary: "Everything that an approver is shown; looking never approves",
    who: { person: "read-action" },
    params: one,
    answers: { 200: { schema: api.approval } },
    run: async (visit) => ok(await shownTo(visit.setting.control, asPerson(visit), visit.params.id)),
  }),
  route({
    method: "POST",
    path: "/v1/approvals/:id/answer",
    summary: "Approve or deny the call that was shown",
    who: { person: "approve", inVerb: true },
    params: one,
    body: api.answerBody,
    answers: { 200: { schema: api.actionView } },
    async run(visit) {
      const { control } = visit.setting;
      const person = asPerson(visit);
      const { id } = visit.params;
      await answer(control, person, { action: id, ...visit.body });
      return ok(viewFor(control, person, await control.hall.get(person, id)));
    },
  }),
  route({
    method: "GET",
    path: "/v1/unknowns",
    summary: "Actions that were sent and never answered: each a question to people",
    who: { person: "read-action" },
    answers: { 200: { schema: api.unknownPage } },
    run: async (visit) => ok({ unknowns: await visit.setting.control.hall.listOpen(["unknown"], mostOpen) }),
  }),
  route({
    method: "POST",
    path: "/v1/unknowns/:id/settle",
    summary: "Say what became of an unknown, and how you know",
    who: { person: "operate-unknown", inVerb: true },
    params: one,
    body: api.settleBody,
    answers: { 200: { schema: api.actionView } },
    async run(visit) {
      const { control } = visit.setting;
      const person = asPerson(visit);
      await settleUnknown(control, person, visit.params.id, visit.body);
      return ok(viewFor(control, person, await control.hall.get(person, visit.params.id)));
    },
  }),
];

export type Shown = OpenAction & { readonly yours: boolean; readonly shownDigest?: string };

/** A held action for one person: its arguments only where they may answer it, or see what is private. */
export async function shownTo(control: Control, person: PersonCaller, id: string): Promise<Shown> {
  const open = await control.hall.open(id);
  if (open?.state !== "held") throw new Problem("not_found", `no action \`${id}\` waits for an answer`);
  const yours = mayAnswer(control, person, open);
  const context = contextOf(control, { workflow: open.workflow });
  if (yours || may(person, "read-private", context).allowed) {
    const shown = JSON.parse(JSON.stringify({ ...open, expiresAt: null, frozenBy: null })) as Json;
    return { ...open, yours, shownDigest: digestText(canonical(shown)) };
  }
  const { args: _args, beyond: _beyond, before: _before, plan: _plan, claim: _claim, ...rest } = open;
  return { ...rest, yours };
}

/** Whether any of its questions is this person's to answer. */
export function mayAnswer(control: Control, person: PersonCaller, open: OpenAction): boolean {
  return open.requirements.some(
    (requirement) =>
      requirement.kind === "approval" &&
      may(
        person,
        "approve",
        contextOf(control, {
          agent: open.agent,
          workflow: open.workflow,
          from: requirement.from,
          exclude: requirement.exclude,
          ...(open.onBehalfOf === undefined ? {} : { requester: open.onBehalfOf }),
        }),
      ).allowed,
  );
}
