import * as api from "@countersign/contract/api";
import { z } from "zod";
import { Secret } from "../../../floor/secret.ts";
import {
  invite,
  issueAgentKey,
  type KeyShown,
  keepSecret,
  logInCli,
  logOut,
  registerAgentPublicKey,
  removeSecret,
  revokeAgentCredential,
  rotateAgentKey,
} from "../../../governance/index.ts";
import {
  cookieName,
  csrfOf,
  isSinglePerson,
  listCredentials,
  type PublicJwk,
  setCookie,
} from "../../../identity/index.ts";
import { asCaller, asPerson, type Route, route, type Visit } from "../route.ts";
import { created, firstLine, ok, receiptOf } from "./answers.ts";

const agent = z.strictObject({ agent: api.name });
const secretBody = { who: { person: "keep-secret", inVerb: true }, body: api.secretBody } as const;

export const credentialRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/v1/agents/:agent/keys",
    summary: "A key for an agent in one environment, shown once",
    who: { person: "issue-key", inVerb: true },
    params: agent,
    body: api.keyBody,
    answers: { 201: { schema: api.keyShown } },
    run: async (visit) =>
      created(shown(await issueAgentKey(visit.setting.control, asPerson(visit), { ...visit.params, ...visit.body }))),
  }),
  route({
    method: "POST",
    path: "/v1/agents/:agent/keys/rotate",
    summary: "A new key beside the live one; revoke the old one when the new one is in use",
    who: { person: "issue-key", inVerb: true },
    params: agent,
    body: api.keyBody,
    answers: { 201: { schema: api.keyShown } },
    run: async (visit) =>
      created(shown(await rotateAgentKey(visit.setting.control, asPerson(visit), { ...visit.params, ...visit.body }))),
  }),
  route({
    method: "POST",
    path: "/v1/agents/:agent/public-keys",
    summary: "Register a public key with which an agent signs for short tokens",
    who: { person: "issue-key", inVerb: true },
    params: agent,
    body: api.publicKeyBody,
    answers: { 201: { schema: api.publicKeyMade } },
    async run(visit) {
      // Its form is not trusted here: `registerPublicKey` reads it member by member.
      const jwk = visit.body.jwk as unknown as PublicJwk;
      const wanted = { ...visit.params, ...visit.body, jwk };
      return created(await registerAgentPublicKey(visit.setting.control, asPerson(visit), wanted));
    },
  }),
  route({
    method: "GET",
    path: "/v1/credentials",
    summary: "Credentials, live and ended, without their values",
    who: { person: "read-private" },
    query: api.credentialQuery,
    answers: { 200: { schema: api.credentials } },
    run: async ({ setting, query }) =>
      ok({ credentials: await listCredentials(setting.control.parts.db, query.subject) }),
  }),
  route({
    method: "POST",
    path: "/v1/credentials/:id/revoke",
    summary: "End a credential at once, everywhere",
    who: { person: "revoke-key", inVerb: true },
    params: z.strictObject({ id: api.idOf("key") }),
    body: api.revokeBody,
    answers: { 200: { schema: api.emptyBody } },
    async run(visit) {
      await revokeAgentCredential(visit.setting.control, asPerson(visit), visit.params.id, visit.body.because);
      return ok({});
    },
  }),
  route({
    method: "POST",
    path: "/v1/people/:email/link",
    summary: "A login link: it works once, for ten minutes; whom you let in counts as one person with you",
    who: { person: "issue-link", inVerb: true },
    params: z.strictObject({ email: api.email }),
    body: api.emptyBody,
    answers: { 201: { schema: api.linkMade } },
    async run(visit) {
      const { shownOnce, expiresAtMs } = await invite(visit.setting.control, asPerson(visit), visit.params.email);
      const url = `${visit.setting.publicUrl()}/login?link=${shownOnce.reveal()}`;
      return created({ url, expiresAt: new Date(expiresAtMs).toISOString() });
    },
  }),
  route({
    method: "POST",
    path: "/v1/login/cli",
    summary: "Use a login link up: a credential for a person's command line, shown once",
    who: "anyone",
    body: api.cliBody,
    answers: { 201: { schema: api.cliMade } },
    async run({ setting, body }) {
      const { person, shownOnce, expiresAt } = await logInCli(setting.control, body.link, body.note);
      return created({ person, key: shownOnce.reveal(), expiresAt });
    },
  }),
  route({
    method: "POST",
    path: "/v1/logout",
    summary: "End what you are logged in with",
    who: { person: "any" },
    body: api.emptyBody,
    answers: { 200: { schema: api.loggedOut } },
    async run(visit) {
      const { entry, providerUrl } = await logOut(visit.setting.control, asPerson(visit));
      const answer = { ...receiptOf(entry), ...(providerUrl === undefined ? {} : { providerUrl }) };
      return { ...ok(answer), headers: { "set-cookie": setCookie(visit.setting.publicUrl()) } };
    },
  }),
  route({
    method: "GET",
    path: "/v1/me",
    summary: "Who you are here",
    who: { agent: true, person: "any" },
    answers: { 200: { schema: api.me } },
    run: async (visit) => ok(meOf(visit)),
  }),
  route({
    method: "GET",
    path: "/v1/secrets",
    summary: "Names of the secrets that are kept; a value is never read back",
    who: { person: "keep-secret" },
    answers: { 200: { schema: api.secrets } },
    run: async ({ setting }) => ok({ secrets: await setting.connections.store.list() }),
  }),
  route({
    method: "PUT",
    path: "/v1/secrets",
    summary: "Keep a secret, sealed; upstream servers get it when it is leased",
    ...secretBody,
    answers: { 201: { schema: api.secretKept } },
    run: putSecret,
  }),
  route({
    method: "POST",
    path: "/v1/secrets",
    summary: "The same as PUT",
    ...secretBody,
    answers: { 201: { schema: api.secretKept } },
    run: putSecret,
  }),
  route({
    method: "POST",
    path: "/v1/secrets/remove",
    summary: "Destroy a secret, every version of it; where files in force refer to it only with a reason",
    who: { person: "keep-secret", inVerb: true },
    body: api.secretRemoveBody,
    answers: { 200: { schema: api.secretRemoved } },
    async run(visit) {
      const { connections, control } = visit.setting;
      const { entry, ...removed } = await removeSecret(control, connections.storeWithin, asPerson(visit), visit.body);
      return ok({ name: visit.body.name, ...removed, ...receiptOf(entry) });
    },
  }),
  route({
    method: "GET",
    path: "/v1/secrets/key",
    summary: "Which key seals what is private, and what an older one still seals",
    who: { person: "rotate-server-key" },
    answers: { 200: { schema: api.sealing } },
    run: async ({ setting }) => ok(await setting.sealing.status()),
  }),
  route({
    method: "POST",
    path: "/v1/secrets/key/rotate",
    summary:
      "A new sealing key; what the old one sealed is sealed anew beside the work, and then the old one is dropped",
    who: { person: "rotate-server-key", inVerb: true },
    body: api.emptyBody,
    answers: { 202: { schema: api.sealingRotated } },
    async run(visit) {
      const { entry, ...rotated } = await visit.setting.sealing.rotate(asPerson(visit));
      return { status: 202, json: { ...rotated, ...receiptOf(entry) } };
    },
  }),
];

async function putSecret(visit: Visit<undefined, undefined, z.output<typeof api.secretBody>>) {
  const { connections, control } = visit.setting;
  const { name, value } = visit.body;
  const kept = await keepSecret(control, connections.storeWithin, asPerson(visit), { name, value: new Secret(value) });
  return created({ name, version: kept.version, ...receiptOf(kept.entry) });
}

function shown({ shownOnce, ...rest }: KeyShown): object {
  return { ...rest, key: shownOnce.reveal() };
}

function meOf(visit: Visit<undefined, undefined, undefined>): object {
  const who = asCaller(visit);
  if (who.kind === "agent") {
    const { agent: name, workflow, owner, dri, tier, environment, onBehalfOf } = who;
    const account = { environment: environment ?? null, onBehalfOf: onBehalfOf ?? null };
    return { kind: "agent", agent: name, workflow, owner, dri, tier, ...account };
  }
  const { email, name, roles, groups, method, vouchedBy = [] } = who;
  const cookie = method === "cli" ? undefined : cookieValue(visit);
  const csrf = cookie === undefined ? null : csrfOf(cookie);
  const singlePerson = isSinglePerson(visit.setting.control.keeper.loaded().directory);
  return { kind: "person", email, name, roles, groups, method, vouchedBy, csrf, singlePerson };
}

/** The session cookie that this request was authenticated with. */
export function cookieValue(visit: Pick<Visit<unknown, unknown, unknown>, "headers" | "setting">): string | undefined {
  const name = `${cookieName(visit.setting.publicUrl())}=`;
  const parts = (firstLine(visit.headers.cookie) ?? "").split(";").map((part) => part.trim());
  return parts.find((part) => part.startsWith(name))?.slice(name.length);
}
