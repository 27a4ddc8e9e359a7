import { z } from "zod";
import { Problem } from "../../../floor/problem.ts";
import {
  authorizationServerMetadata,
  exchange,
  exchangeWorkload,
  issuerOf,
  jwksDocument,
  jwtBearerGrant,
  protectedResourceMetadata,
  tokenIn,
} from "../../../identity/index.ts";
import { progressOf } from "../../../lookup/index.ts";
import { noticeFigures } from "../../../notify/index.ts";
import { isResource } from "../identify.ts";
import { openApi } from "../openapi.ts";
import { type Answer, asCaller, type Route, route, type Visit } from "../route.ts";
import { routes } from "../routes.ts";
import { firstLine, ok } from "./answers.ts";

const status = z.strictObject({ status: z.enum(["up", "ready", "not ready"]), because: z.array(z.string()) });
const anyJson = { schema: z.looseObject({}) };

export const systemRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/healthz",
    summary: "Whether this process answers",
    who: "anyone",
    answers: { 200: { schema: status } },
    run: async () => ok({ status: "up", because: [] }),
  }),
  route({
    method: "GET",
    path: "/readyz",
    summary: "Whether this replica can take actions: database, what is in force, ledger, sequencer",
    who: "anyone",
    answers: { 200: { schema: status }, 503: { schema: status } },
    run: ready,
  }),
  route({
    method: "GET",
    path: "/metrics",
    summary: "Figures for Prometheus; no name from outside is in them",
    who: "anyone",
    answers: { 200: { type: "text/plain" } },
    run: metrics,
  }),
  route({
    method: "GET",
    path: "/openapi.json",
    summary: "This description",
    who: "anyone",
    answers: { 200: anyJson },
    run: async ({ setting }) => ok(openApi(routes, setting.publicUrl())),
  }),
  route({
    method: "GET",
    path: "/v1/stream",
    summary: "What happens, as it happens (server-sent events); `Last-Event-ID` goes on where a stream broke",
    who: { agent: true, person: "read-action" },
    answers: { 200: { type: "text/event-stream" } },
    async run(visit) {
      const admitted = { who: asCaller(visit), token: tokenIn(visit.headers) };
      const stream = await visit.setting.stream.open(admitted, firstLine(visit.headers["last-event-id"]));
      return { status: 200, stream };
    },
  }),
  route({
    method: "POST",
    path: "/oauth/token",
    summary:
      "A signed client assertion, or a trusted issuer's token, for a short token for one resource (RFC 7523, RFC 8707)",
    who: "anyone",
    rawForm: true,
    answers: { 200: anyJson, 400: anyJson, 401: anyJson, 429: anyJson, 503: anyJson },
    run: token,
  }),
  route({
    method: "GET",
    path: "/oauth/authorize",
    summary: "Says that no browser logs an agent in: it is the token endpoint that agents ask",
    who: "anyone",
    answers: { 400: anyJson },
    run: async () => ({
      status: 400,
      json: {
        error: "unsupported_response_type",
        error_description:
          "no browser logs an agent in here: use client_credentials or jwt-bearer at the token endpoint",
      },
    }),
  }),
  route({
    method: "GET",
    path: "/oauth/jwks",
    summary: "Keys that tokens verify with (RFC 7517)",
    who: "anyone",
    answers: { 200: anyJson },
    run: async ({ setting }) => ok(jwksDocument(setting.identity.tokenKeys())),
  }),
  route({
    method: "GET",
    path: "/.well-known/oauth-authorization-server",
    summary: "Authorization server metadata (RFC 8414)",
    who: "anyone",
    answers: { 200: anyJson },
    run: async ({ setting }) => ok(authorizationServerMetadata(setting.publicUrl())),
  }),
  route({
    method: "GET",
    path: "/.well-known/oauth-protected-resource/*",
    summary: "Protected resource metadata of one address (RFC 9728)",
    who: "anyone",
    params: z.strictObject({ "*": z.string().max(200) }),
    answers: { 200: anyJson },
    async run({ setting, params }) {
      const publicUrl = setting.publicUrl();
      const resource = `${issuerOf(publicUrl)}/${params["*"]}`;
      const { servers } = setting.control.keeper.loaded().catalog;
      if (!isResource(publicUrl, servers, resource)) throw new Problem("not_found", "there is no such resource here");
      return ok(protectedResourceMetadata(publicUrl, resource));
    },
  }),
];

async function ready({ setting }: Visit<undefined, undefined, undefined>): Promise<Answer> {
  const { control, logBook } = setting;
  const because: string[] = [];
  await control.parts.db.query("select 1").catch(() => because.push("the database does not answer"));
  try {
    if (control.keeper.loaded().workspace === undefined) because.push("no workspace is in force");
  } catch {
    because.push("what is in force could not be read within its lease");
  }
  if (!control.parts.ledger.alive()) because.push("the ledger's lease is not held");
  const { alarm } = logBook.sequencer.status();
  if (alarm !== null) because.push("the log has stopped: a person must look");
  if (setting.closing.aborted) because.push("this server is going down");
  const isReady = because.length === 0;
  return { status: isReady ? 200 : 503, json: { status: isReady ? "ready" : "not ready", because } };
}

async function metrics({ setting }: Visit<undefined, undefined, undefined>): Promise<Answer> {
  const { control, logBook } = setting;
  const text = await setting.metrics.text({
    async open() {
      const counts: Record<string, number> = {};
      for (const { state } of await control.hall.listOpen(["held", "ready", "running", "unknown"], 10_000))
        counts[state] = (counts[state] ?? 0) + 1;
      return counts;
    },
    skewMs: () => control.parts.ledger.skewMs(),
    ledgerAlive: () => control.parts.ledger.alive(),
    ledgerSize: () => logBook.sequencer.status().size,
    ledgerLag: () => logBook.lag(),
    lookupLag: async () => (await progressOf(control.parts.db, control.parts.ledger.now())).behind,
    streams: () => setting.stream.size,
    notices: () => noticeFigures(control.parts.db),
    decisionLog: () => control.parts.decisionLog?.status() ?? { queued: 0, sent: 0, lost: 0 },
  });
  return { status: 200, text, type: setting.metrics.contentType };
}

async function token(visit: Visit<undefined, undefined, undefined>): Promise<Answer> {
  const { setting, source, headers } = visit;
  const form = visit.body as unknown as URLSearchParams;
  const { parts, keeper } = setting.control;
  const publicUrl = setting.publicUrl();
  const { catalog, directory } = keeper.loaded();
  const proof = firstLine(headers.dpop);
  const context = {
    publicUrl,
    directory,
    credentials: keeper.credentials(),
    tokenKeys: setting.identity.tokenKeys(),
    attempts: setting.identity.attempts,
    source,
    isResource: (resource: string) => isResource(publicUrl, catalog.servers, resource),
    seenProofs: setting.identity.seenProofs,
    issuerKeys: setting.identity.issuerKeys,
    ...(proof === undefined ? {} : { proof }),
  };
  const exchanged =
    form.get("grant_type") === jwtBearerGrant
      ? await exchangeWorkload(parts.db, parts.clock, form, context)
      : await parts.db.transaction((tx) => exchange(tx, parts.clock, form, context));
  return { status: exchanged.status, json: exchanged.body, headers: { pragma: "no-cache" } };
}
