import * as api from "@countersign/contract/api";
import { z } from "zod";
import { asProblem, Problem, problemBody } from "../../../floor/problem.ts";
import {
  beginLogin,
  completeLogin,
  logIn,
  loginCallbackPath,
  logOut,
  providerInForce,
} from "../../../governance/index.ts";
import { cookieName, lookAtLink, setCookie } from "../../../identity/index.ts";
import { loggedOutPage, loginPage, notLoggedInPage, onwardsPage } from "../login-page.ts";
import { type Answer, asPerson, type Route, route, type Visit } from "../route.ts";
import { firstLine, htmlAnswer } from "./answers.ts";

const html = { type: "text/html" };

/** What a provider sends with the browser is its own affair, so long as it fits. */
const returned = z.record(z.string().max(100), z.string().max(8000));

export const loginRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/login",
    summary: "How to log in, or the form of a login link; looking uses nothing up",
    who: "anyone",
    query: api.loginQuery,
    answers: { 200: html },
    async run({ setting, query }) {
      const { control } = setting;
      const { link, next = "/" } = query;
      const person =
        link === undefined
          ? undefined
          : await lookAtLink(control.parts.db, control.parts.clock, control.keeper.loaded().directory, link);
      const issuer = providerInForce(control)?.issuer;
      const provider = issuer === undefined ? undefined : new URL(issuer).host;
      return htmlAnswer(loginPage({ link, person, provider, next }));
    },
  }),
  route({
    method: "POST",
    path: "/login",
    summary: "Use a login link up: a session for this browser",
    who: "anyone",
    form: true,
    body: api.loginForm,
    answers: { 303: html },
    async run({ setting, body }) {
      const { cookie } = await logIn(setting.control, body.link);
      const headers = { location: "/", "set-cookie": setCookie(setting.publicUrl(), { cookie }) };
      return { status: 303, headers };
    },
  }),
  route({
    method: "POST",
    path: "/login/provider",
    summary: "Begin to log in at the identity provider: the page that leads there",
    who: "anyone",
    form: true,
    body: api.providerForm,
    answers: { 200: html },
    run: (visit) => asPage(visit, () => begin(visit)),
  }),
  route({
    method: "GET",
    path: loginCallbackPath,
    summary: "Where the identity provider sends the browser back to: register this address there",
    who: "anyone",
    once: true,
    query: returned,
    answers: { 200: html },
    run: (visit) => asPage(visit, () => arrive(visit)),
  }),
  route({
    method: "POST",
    path: "/logout",
    summary: "End this browser's session, from a page",
    who: { person: "any" },
    form: true,
    body: z.strictObject({}),
    answers: { 200: html },
    async run(visit) {
      const { providerUrl } = await logOut(visit.setting.control, asPerson(visit));
      const answer = htmlAnswer(loggedOutPage(providerUrl));
      return { ...answer, headers: { ...answer.headers, "set-cookie": setCookie(visit.setting.publicUrl()) } };
    },
  }),
];

type AnyVisit = Pick<Visit<unknown, unknown, unknown>, "setting" | "source" | "headers">;

async function begin(visit: Visit<undefined, undefined, z.output<typeof api.providerForm>>): Promise<Answer> {
  const { control, connections, publicUrl } = visit.setting;
  requirePatience(visit);
  const tick = control.parts.clock.tick();
  const { begun } = visit.setting.identity;
  if (begun.isBlocked(visit.source, tick))
    throw new Problem("too_many", "too many logins were begun from this address", { help: "wait a minute" });
  begun.fail(visit.source, tick);
  const { id, url, host, cookie } = await beginLogin(control, connections, { publicUrl: publicUrl(), ...visit.body });
  const answer = htmlAnswer(onwardsPage("Log in", url, `Go on to ${host}`));
  return { ...answer, headers: { ...answer.headers, "set-cookie": browserCookie(publicUrl(), id, cookie.reveal()) } };
}

async function arrive(visit: Visit<undefined, z.output<typeof returned>, undefined>): Promise<Answer> {
  const { control, connections, publicUrl } = visit.setting;
  requirePatience(visit);
  const query = new URLSearchParams(visit.query);
  const { person, cookie, next } = await completeLogin(control, connections, {
    query,
    cookieOf: (id) => cookieValueOf(visit, id),
    publicUrl: publicUrl(),
  });
  const answer = htmlAnswer(onwardsPage(`Logged in as ${person}`, next, "Go on"));
  return { ...answer, headers: { ...answer.headers, "set-cookie": setCookie(publicUrl(), { cookie }) } };
}

/** A source that keeps failing gets nobody asked for it. */
function requirePatience({ setting, source }: AnyVisit): void {
  const { identity, control } = setting;
  if (identity.attempts.isBlocked(source, control.parts.clock.tick()))
    throw new Problem("too_many", "too many logins from this address did not succeed", { help: "wait a minute" });
}

function nameOfCookie(publicUrl: string, id: string): string {
  return `${cookieName(publicUrl)}-${id}`;
}

/** `Lax`, unlike the session's: it has to come along when the provider sends the browser back. */
function browserCookie(publicUrl: string, id: string, value: string): string {
  const secure = publicUrl.startsWith("https:") ? "; Secure" : "";
  return `${nameOfCookie(publicUrl, id)}=${value}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax${secure}`;
}

function cookieValueOf(visit: AnyVisit, id: string): string | undefined {
  const name = `${nameOfCookie(visit.setting.publicUrl(), id)}=`;
  const parts = (firstLine(visit.headers.cookie) ?? "").split(";").map((part) => part.trim());
  const found = parts.filter((part) => part.startsWith(name));
  return found.length === 1 ? found[0]?.slice(name.length) : undefined;
}

/** A person looks at it: what fails is a page too, with the status of its problem. */
async function asPage({ setting, source }: AnyVisit, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (thrown) {
    const problem = asProblem(thrown);
    if (problem.code === "bug") throw thrown;
    // That the provider is away is nobody's fault who came to log in.
    if (problem.code === "forbidden" || problem.code === "not_authenticated")
      setting.identity.attempts.fail(source, setting.control.parts.clock.tick());
    const cause = problem.cause instanceof Error ? problem.cause.message : undefined;
    setting.log.info({ code: problem.code, detail: problem.detail, source, cause }, "nobody was logged in");
    return htmlAnswer(notLoggedInPage(problem.detail, problem.help), problemBody(problem).status);
  }
}
