import * as api from "@countersign/contract/api";
import { z } from "zod";
import { type Connection, listConnections, stateOf } from "../../../connections/index.ts";
import { asProblem, Problem, problemBody } from "../../../floor/problem.ts";
import {
  type Browser,
  bindBrowser,
  completeConnect,
  confirmBrowser,
  connect,
  disconnect,
  lookAtConsent,
  ownConsent,
} from "../../../governance/index.ts";
import { cookieIn, cookieName, csrfOf, isCsrf, readSession } from "../../../identity/index.ts";
import { connectPage, notConnectedPage } from "../connect-page.ts";
import { type Answer, asPerson, type Route, route, type Visit } from "../route.ts";
import { created, firstLine, ok, receiptOf } from "./answers.ts";

const html = { type: "text/html" };
const server = z.strictObject({ server: api.serverName });
const consent = z.strictObject({ id: api.consentId });
const connection = z.strictObject({ id: api.connectionId });
const connectForm = z.strictObject({ csrf: z.string().max(200).exactOptional() });

export const connectionRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/v1/upstreams/:server/connect",
    summary: "Begin to connect an upstream, for a workflow or for yourself; a browser goes on with it",
    who: { person: "connect", inVerb: true },
    params: server,
    body: api.connectBody,
    answers: { 201: { schema: api.begun } },
    async run(visit) {
      const { connections, control, publicUrl } = visit.setting;
      const request = { ...visit.params, ...visit.body, publicUrl: publicUrl() };
      const { entry, ...begun } = await connect(control, connections, asPerson(visit), request);
      return created({ ...begun, ...receiptOf(entry) });
    },
  }),
  route({
    method: "GET",
    path: "/v1/consents/:id",
    summary: "How far a connection is that you began",
    who: { person: "any" },
    params: consent,
    answers: { 200: { schema: api.consent } },
    async run(visit) {
      const found = await ownConsent(visit.setting.control, asPerson(visit), visit.params.id);
      const { id, server: name, workflow, person, because, connection: made, expiresAt } = found;
      return ok({ id, server: name, workflow, person, state: stateOf(found), because, connection: made, expiresAt });
    },
  }),
  route({
    method: "POST",
    path: "/v1/consents/:id/confirm",
    summary: "Say that the browser that shows this code is yours",
    who: { person: "any" },
    params: consent,
    body: api.codeBody,
    answers: { 200: { schema: api.emptyBody } },
    async run(visit) {
      await confirmBrowser(visit.setting.control, asPerson(visit), visit.params.id, visit.body.code);
      return ok({});
    },
  }),
  route({
    method: "GET",
    path: "/v1/connections",
    summary: "Which upstreams are connected, for whom, since when and until when; never a token",
    who: { person: "read-action" },
    answers: { 200: { schema: api.connections } },
    run: async ({ setting }) => ok({ connections: (await listConnections(setting.control.parts.db)).map(lineOf) }),
  }),
  route({
    method: "POST",
    path: "/v1/connections/:id/disconnect",
    summary: "End a connection: its server is told, and the tokens are destroyed",
    who: { person: "disconnect", inVerb: true },
    params: connection,
    body: api.emptyBody,
    answers: { 200: { schema: api.disconnected } },
    async run(visit) {
      const { connections, control } = visit.setting;
      const { entry, revoked } = await disconnect(control, connections, asPerson(visit), visit.params.id);
      return ok({ ...receiptOf(entry), revoked });
    },
  }),
  route({
    method: "GET",
    path: "/connect/:id",
    summary: "The page of a connection that is being made; looking changes nothing",
    who: "anyone",
    params: consent,
    answers: { 200: html },
    run: (visit) => asPage(visit, () => show(visit)),
  }),
  route({
    method: "POST",
    path: "/connect/:id",
    summary: "Go on with it in this browser, and in no other",
    who: "anyone",
    form: true,
    params: consent,
    body: connectForm,
    answers: { 303: html },
    run: (visit) => asPage(visit, () => bind(visit)),
  }),
  route({
    method: "GET",
    path: "/v1/upstreams/:server/callback",
    summary: "Where an upstream's authorization server sends the browser back to: register this address there",
    who: "anyone",
    once: true,
    params: server,
    query: api.callbackQuery,
    answers: { 303: html },
    run: (visit) => asPage(visit, () => arrive(visit)),
  }),
];

function lineOf({ clientId: _, resource: __, version: ___, lapsedBecause, ...line }: Connection): object {
  return { ...line, needsConnecting: lapsedBecause };
}

type AnyVisit = Visit<{ readonly id: string }, unknown, unknown>;

async function show(visit: AnyVisit): Promise<Answer> {
  const { id } = visit.params;
  const { browser, session } = await browserOf(visit, id);
  const shown = await lookAtConsent(visit.setting.control, id, browser);
  return pageAnswer(200, connectPage(shown, session === undefined ? undefined : csrfOf(session)));
}

async function bind(visit: Visit<{ readonly id: string }, undefined, { readonly csrf?: string }>): Promise<Answer> {
  const { id } = visit.params;
  const { browser, session } = await browserOf(visit, id);
  // Without the page's token a session confirms nothing: then the browser shows a code.
  const isConfirmed = session !== undefined && isCsrf(session, visit.body.csrf);
  const bound = await bindBrowser(visit.setting.control, id, browser, isConfirmed);
  const set = browserCookie(visit.setting.publicUrl(), id, bound.reveal());
  return { status: 303, headers: { location: `/connect/${id}`, "set-cookie": set } };
}

async function arrive(
  visit: Visit<{ readonly server: string }, z.output<typeof api.callbackQuery>, undefined>,
): Promise<Answer> {
  const { connections, control, publicUrl } = visit.setting;
  const { state, code, error, iss } = visit.query;
  if (state === undefined) throw new Problem("invalid", "the answer does not say what it belongs to");
  const session = await sessionOf(visit);
  const id = await completeConnect(control, connections, {
    server: visit.params.server,
    state,
    ...(session === undefined ? {} : { session }),
    ...(code === undefined ? {} : { code }),
    ...(error === undefined ? {} : { error }),
    ...(iss === undefined ? {} : { iss }),
    cookieOf: (one) => cookieValueOf(visit, one),
  });
  // To an address of its own, so that neither the page nor the browser's history holds the code.
  return { status: 303, headers: { location: `${publicUrl()}/connect/${id}` } };
}

/** What this browser has with it: the cookie of the consent, and who is logged in. */
async function browserOf(visit: AnyVisit, id: string): Promise<{ browser: Browser; session: string | undefined }> {
  const session = await sessionOf(visit);
  const cookie = cookieValueOf(visit, id);
  return {
    browser: { ...(cookie === undefined ? {} : { cookie }), ...(session === undefined ? {} : { session }) },
    session: session === undefined ? undefined : sessionCookie(visit),
  };
}

/** Who is logged in in this browser, also where the address needs nobody to be. */
async function sessionOf(visit: Pick<AnyVisit, "headers" | "setting">): Promise<Browser["session"]> {
  const { parts, keeper } = visit.setting.control;
  const cookie = sessionCookie(visit);
  const found = cookie === undefined ? undefined : await readSession(parts.db, parts.clock, cookie);
  const isKnown = found !== undefined && keeper.loaded().directory.people.has(found.person);
  return isKnown ? { id: found.id, person: found.person } : undefined;
}

function sessionCookie(visit: Pick<AnyVisit, "headers" | "setting">): string | undefined {
  return cookieIn(visit.setting.publicUrl(), firstLine(visit.headers.cookie) ?? "");
}

function nameOfCookie(publicUrl: string, id: string): string {
  return `${cookieName(publicUrl)}-${id}`;
}

/** `Lax`, unlike the session's: it has to come along when the authorization server sends the browser back. */
function browserCookie(publicUrl: string, id: string, value: string): string {
  const secure = publicUrl.startsWith("https:") ? "; Secure" : "";
  return `${nameOfCookie(publicUrl, id)}=${value}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax${secure}`;
}

function cookieValueOf(visit: Pick<AnyVisit, "headers" | "setting">, id: string): string | undefined {
  const name = `${nameOfCookie(visit.setting.publicUrl(), id)}=`;
  const parts = (firstLine(visit.headers.cookie) ?? "").split(";").map((part) => part.trim());
  const found = parts.filter((part) => part.startsWith(name));
  return found.length === 1 ? found[0]?.slice(name.length) : undefined;
}

/** A person looks at it: what fails is a page too, with the status of its problem. */
async function asPage(
  { setting, source }: Pick<AnyVisit, "setting" | "source">,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (thrown) {
    const problem = asProblem(thrown);
    if (problem.code === "bug") throw thrown;
    setting.log.info({ code: problem.code, detail: problem.detail, source }, "an upstream was not connected");
    return pageAnswer(problemBody(problem).status, notConnectedPage(problem.detail, problem.help));
  }
}

function pageAnswer(status: number, { text, policy }: { readonly text: string; readonly policy: string }): Answer {
  return { status, text, type: "text/html; charset=utf-8", headers: { "content-security-policy": policy } };
}
