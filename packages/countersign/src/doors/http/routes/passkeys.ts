import * as api from "@countersign/contract/api";
import { z } from "zod";
import { contextOf, offerPasskey, registerPasskey, removePasskey } from "../../../governance/index.ts";
import { listPasskeys, type Passkey, requireMay } from "../../../identity/index.ts";
import { asPerson, type Route, route } from "../route.ts";
import { created, ok, receiptOf } from "./answers.ts";

export const passkeyRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/v1/passkeys/options",
    summary: "What your browser is asked to make a passkey of; within ten minutes of logging in",
    who: { person: "any" },
    body: api.emptyBody,
    answers: { 200: { schema: api.passkeyOptions } },
    run: async (visit) => ok(await offerPasskey(visit.setting.control, asPerson(visit), visit.setting.publicUrl())),
  }),
  route({
    method: "POST",
    path: "/v1/passkeys",
    summary: "Register the passkey that your browser made",
    who: { person: "any" },
    body: api.passkeyBody,
    answers: { 201: { schema: api.passkeyMade } },
    async run(visit) {
      const { control, publicUrl } = visit.setting;
      const { id, entry } = await registerPasskey(control, asPerson(visit), publicUrl(), visit.body);
      return created({ id, ...receiptOf(entry) });
    },
  }),
  route({
    method: "GET",
    path: "/v1/passkeys",
    summary: "Your passkeys, or, as an operator, another person's",
    who: { person: "any" },
    query: api.passkeyQuery,
    answers: { 200: { schema: api.passkeys } },
    async run(visit) {
      const { control } = visit.setting;
      const me = asPerson(visit);
      const { person = me.email } = visit.query;
      requireMay(me, "remove-passkey", contextOf(control, { about: person }));
      return ok({ passkeys: (await listPasskeys(control.parts.db, person)).map(lineOf) });
    },
  }),
  route({
    method: "DELETE",
    path: "/v1/passkeys/:id",
    summary: "End a passkey at once",
    who: { person: "remove-passkey", inVerb: true },
    params: z.strictObject({ id: api.passkeyId }),
    answers: { 200: { schema: api.governed } },
    async run(visit) {
      return ok(receiptOf(await removePasskey(visit.setting.control, asPerson(visit), visit.params.id)));
    },
  }),
];

function lineOf({ id, person, name, jwk, backedUp, createdAtMs, lastUsedAtMs, vouchedBy }: Passkey): object {
  return {
    id,
    person,
    name,
    alg: jwk.alg,
    backedUp,
    createdAt: new Date(createdAtMs).toISOString(),
    lastUsedAt: lastUsedAtMs === undefined ? null : new Date(lastUsedAtMs).toISOString(),
    vouchedBy,
  };
}
