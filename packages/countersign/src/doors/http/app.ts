import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { ProblemBody } from "@countersign/contract";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { asProblem, Problem } from "../../floor/problem.ts";
import { type Caller, issuerOf, type PersonCaller } from "../../identity/index.ts";
import { admitDeed, admitKind } from "./admit.ts";
import { guardNames } from "./guard-names.ts";
import { identify, onTheRecord, pathOf } from "./identify.ts";
import { maxBodyBytes, membersOf, parseBody, parseForm, parseQuery } from "./parse-body.ts";
import { fastifyProblem, problemAnswer, rawProblem } from "./problem-answer.ts";
import { problemPage } from "./problem-page.ts";
import { readInput } from "./read-input.ts";
import type { Answer, Route } from "./route.ts";
import { firstLine, htmlAnswer } from "./routes/answers.ts";
import { routes } from "./routes.ts";
import type { HttpSetting } from "./setting.ts";
import { logExportType } from "./stream-lines.ts";
import { wantsHtml } from "./wants-html.ts";

/** Types of answers that go on for long: a request for their head alone would begin them. */
const streamTypes: ReadonlySet<string> = new Set(["text/event-stream", logExportType]);

export interface AppOptions {
  readonly setting: HttpSetting;
  /** Makes the server around the app's own way of answering. */
  readonly server: (handler: (request: IncomingMessage, response: ServerResponse) => void) => Server;
}

const formType = "application/x-www-form-urlencoded";

/** The HTTP door: every route of the table, and one way to answer what fails. */
export function createApp({ setting, server }: AppOptions): FastifyInstance {
  const app = fastify({
    serverFactory: (handler) => server(handler),
    bodyLimit: maxBodyBytes,
    // `X-Forwarded-For` counts from the workspace's own proxies only, and is read by `source.ts`.
    trustProxy: false,
    return503OnClosing: false,
    forceCloseConnections: false,
    frameworkErrors: (error, request, reply) => void fail(setting, request, reply, error),
    routerOptions: {
      querystringParser: (text) => ({ text }),
      maxParamLength: 300,
      caseSensitive: true,
      ignoreTrailingSlash: false,
    },
    clientErrorHandler(error, socket) {
      if (socket.writable) socket.end(rawProblem("code" in error ? String(error.code) : undefined));
      else socket.destroy();
    },
  });
  app.removeAllContentTypeParsers();
  for (const type of ["application/json", formType]) {
    app.addContentTypeParser(type, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  }
  app.addHook("onRequest", async (request) => guardNames(request.raw.headers, setting.publicUrl(), request.url));
  app.setErrorHandler((error, request, reply) => fail(setting, request, reply, error));
  app.setNotFoundHandler((request, reply) => fail(setting, request, reply, missing(request, reply)));
  for (const route of routes) register(app, setting, route);
  return app;
}

function register(app: FastifyInstance, setting: HttpSetting, route: Route): void {
  const known = new WeakMap<FastifyRequest, Caller | PersonCaller>();
  const isForm = route.form === true || route.rawForm === true;
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.maxBytes ?? maxBodyBytes,
    exposeHeadRoute: route.once !== true && !streamTypes.has(route.answers[200]?.type ?? ""),
    // Before the body is read: who is unknown does not get a megabyte parsed.
    onRequest: async (request) => {
      if (route.who === "anyone" || isForm) return;
      known.set(request, await identified(setting, route, request));
    },
    handler: async (request, reply) => {
      const started = setting.control.parts.clock.tick();
      const form = isForm ? formOf(request) : undefined;
      const csrf = form?.get("csrf") ?? undefined;
      const who =
        route.who === "anyone" ? undefined : (known.get(request) ?? (await identified(setting, route, request, csrf)));
      const signal = signalOf(setting, reply);
      admitKind(route, who);
      const body = () => {
        if (route.rawBytes === true) return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        return form === undefined ? jsonOf(route, request) : formBody(route, form);
      };
      const answer = await route.handle(
        { setting, who, headers: request.raw.headers, source: setting.sourceOf(request.raw), signal },
        { params: request.params, query: parseQuery(queryText(request)), body },
        (about) => admitDeed(setting, route, who, about),
      );
      const ms = setting.control.parts.clock.tick() - started;
      setting.metrics.answered(route.method, route.path, answer.status, ms);
      return send(setting, reply, answer);
    },
  });
}

async function identified(
  setting: HttpSetting,
  route: Route,
  request: FastifyRequest,
  csrf?: string,
): Promise<Caller | PersonCaller> {
  try {
    return await identify(setting, request.raw, csrf);
  } catch (thrown) {
    throw route.acts === true ? await onTheRecord(setting, request.raw, "http", thrown) : thrown;
  }
}

function signalOf(setting: HttpSetting, reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort("the caller went away");
  });
  return AbortSignal.any([gone.signal, setting.closing]);
}

function queryText(request: FastifyRequest): string {
  const { url } = request.raw;
  const at = url?.indexOf("?") ?? -1;
  return at < 0 ? "" : (url?.slice(at + 1) ?? "");
}

function jsonOf(route: Route, request: FastifyRequest): unknown {
  const { body } = request;
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  if (contentType(request) !== "application/json") throw wrongType("application/json");
  return parseBody(body, route.maxBytes ?? maxBodyBytes);
}

function formOf(request: FastifyRequest): URLSearchParams {
  if (contentType(request) !== formType) throw wrongType(formType);
  return parseForm(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
}

function formBody(route: Route, form: URLSearchParams): unknown {
  if (route.rawForm === true) return form;
  const { csrf, ...members } = membersOf(form, "form");
  // Where anyone may come, the route itself says what the page's token is good for.
  const all = route.who === "anyone" && csrf !== undefined ? { ...members, csrf } : members;
  return route.body === undefined ? undefined : readInput(route.body, all, "form");
}

function contentType(request: FastifyRequest): string {
  return (request.raw.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function wrongType(wanted: string): Problem {
  return new Problem("invalid", "the body is of a kind that this address does not take", {
    help: `send \`content-type: ${wanted}\``,
  });
}

/** 404, or 405 with what the address takes. */
function missing(request: FastifyRequest, reply: FastifyReply): Problem {
  const path = pathOf(request.raw);
  const here = routes.filter((route) => matches(route, path));
  const allowed = [...new Set(here.map((route) => route.method))];
  if (allowed.length === 0) return new Problem("not_found", "there is nothing at this address");
  const hasHead = here.some((route) => route.method === "GET" && route.once !== true);
  reply.header("allow", (hasHead ? [...allowed, "HEAD"] : allowed).sort().join(", "));
  return new Problem("invalid", `this address does not take ${String(request.raw.method).slice(0, 20)}`, {
    help: `it takes ${allowed.join(", ")}`,
  });
}

function matches(route: Route, path: string): boolean {
  const pattern = route.path
    .split("/")
    .map((part) => (part === "*" ? ".*" : part.startsWith(":") ? "[^/]+" : RegExp.escape(part)))
    .join("/");
  return new RegExp(`^${pattern}$`).test(path);
}

async function fail(
  setting: HttpSetting,
  request: FastifyRequest,
  reply: FastifyReply,
  thrown: unknown,
): Promise<FastifyReply> {
  const { authorization, cookie } = request.raw.headers;
  const presented = authorization !== undefined || cookie !== undefined;
  const answer = problemAnswer(thrown, { issuer: issuerOf(setting.publicUrl()), presented });
  const status = reply.hasHeader("allow") ? 405 : answer.status;
  logFailure(setting, request, thrown, status);
  setting.metrics.answered(String(request.raw.method), request.routeOptions.url ?? "none", status, 0);
  const body = { ...(answer.json as ProblemBody), status };
  const headers = { ...answer.headers, vary: "accept" };
  if (!isPage(request) || !wantsHtml(firstLine(request.raw.headers.accept)))
    return send(setting, reply, { ...answer, status, headers, json: body });
  const shown = htmlAnswer(problemPage(body, request.raw.method === "GET" ? pathOf(request.raw) : undefined), status);
  return send(setting, reply, { ...shown, headers: { ...headers, ...shown.headers } });
}

/** Whether a browser may be shown what comes of it: an address that was opened, or a form; never what programs speak to. */
function isPage({ raw }: FastifyRequest): boolean {
  if (/^\/(?:v1|mcp|oauth|access|\.well-known)(?:\/|\?|$)/.test(raw.url ?? "")) return false;
  if (raw.method === "GET" || raw.method === "HEAD") return true;
  return /^application\/x-www-form-urlencoded\b/i.test(raw.headers["content-type"] ?? "");
}

/** One line for each request that failed. What the caller sent is not in it, but for what the problem's words repeat. */
function logFailure(setting: HttpSetting, request: FastifyRequest, thrown: unknown, status: number): void {
  const problem = fastifyProblem(thrown) ?? asProblem(thrown);
  const fields = {
    method: String(request.raw.method),
    route: request.routeOptions.url ?? "none",
    status,
    code: problem.code,
    detail: problem.detail,
    source: setting.sourceOf(request.raw),
  };
  const { cause } = problem;
  if (problem.code === "bug" || problem.code === "unavailable") {
    setting.log.error({ ...fields, cause: cause instanceof Error ? cause.stack : String(cause) }, "a request failed");
  } else setting.log.info(fields, "a request failed");
}

const closed = "default-src 'none'; frame-ancestors 'none'";

function send(setting: HttpSetting, reply: FastifyReply, answer: Answer): FastifyReply {
  const headers: Record<string, string> = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // With `no-referrer` browsers send `Origin: null` with our own forms, which is refused as a stranger's.
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": closed,
    ...(setting.publicUrl().startsWith("https:") ? { "strict-transport-security": "max-age=31536000" } : {}),
    ...answer.headers,
  };
  if (answer.stream !== undefined) {
    reply.hijack();
    // A proxy that holds an answer back until it is whole would hold back everything.
    const unheld = { "x-accel-buffering": "no", "content-type": answer.type ?? "text/event-stream" };
    reply.raw.writeHead(answer.status, { ...headers, ...unheld });
    answer.stream(reply.raw);
    return reply;
  }
  const { delivered } = answer;
  if (delivered !== undefined) reply.raw.once("finish", delivered);
  reply.code(answer.status).headers(headers);
  if (answer.text !== undefined) return reply.type(answer.type ?? "text/plain; charset=utf-8").send(answer.text);
  if (answer.json === undefined) return reply.send();
  // Serialised here, so that the framework neither reshapes nor charsets it.
  return reply.header("content-type", answer.type ?? "application/json").send(Buffer.from(JSON.stringify(answer.json)));
}
