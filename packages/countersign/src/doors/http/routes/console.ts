import { type ConsoleNoun, consoleNouns, mayBeBelow } from "@countersign/contract";
import * as api from "@countersign/contract/api";
import { z } from "zod";
import { readNow } from "../../../governance/index.ts";
import type { ConsoleFile } from "../console-files.ts";
import { document, page } from "../page.ts";
import { type Answer, asPerson, type Route, route, type Visit } from "../route.ts";
import { firstLine, ok } from "./answers.ts";

const html = { type: "text/html" };

/** What the console may do: its own script and style, and its own server. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export const consoleRoutes: readonly Route[] = [
  shell("/"),
  ...consoleNouns.flatMap((noun) => [shell(`/${noun}`), shell(`/${noun}/*`, noun)]),
  route({
    method: "GET",
    path: "/assets/*",
    summary: "Scripts and styles of the console",
    who: "anyone",
    params: z.looseObject({ "*": z.string() }),
    answers: { 200: { type: "text/javascript" } },
    async run(visit) {
      const file = visit.setting.console.file(`assets/${visit.params["*"]}`);
      if (file === undefined) return { status: 404, text: "there is no such file\n" };
      return sent(visit, file, { "cache-control": "public, max-age=31536000, immutable" });
    },
  }),
  route({
    method: "GET",
    path: "/v1/now",
    summary: "What the plane is doing now, in figures",
    who: { person: "read-action" },
    answers: { 200: { schema: api.now } },
    run: async (visit) => ok(await readNow(visit.setting.control, asPerson(visit))),
  }),
];

/** Each address opens the same page, whose script reads the rest: also one that names nothing, which its status says. */
function shell(path: string, noun?: ConsoleNoun): Route {
  return route({
    method: "GET",
    path,
    summary: "The console; it holds no figure of its own, its script asks for them with the browser's session",
    who: "anyone",
    // A view's own filters stand in its address, and are read by its script alone.
    query: z.looseObject({}),
    params: z.looseObject({}),
    answers: { 200: html, ...(noun === undefined ? {} : { 404: html }) },
    async run(visit) {
      const status = noun === undefined || mayBeBelow(noun, String(visit.params["*"])) ? 200 : 404;
      const file = visit.setting.console.file("index.html");
      if (file === undefined) return { ...notBuilt(), status };
      return sent(visit, file, { "cache-control": "no-cache", "content-security-policy": policy }, status);
    },
  });
}

function sent(
  visit: Pick<Visit<unknown, unknown, unknown>, "headers">,
  { type, bytes, gzip, etag }: ConsoleFile,
  more: Readonly<Record<string, string>>,
  status = 200,
): Answer {
  const headers = { ...more, vary: "accept-encoding", ...(status === 200 ? { etag } : {}) };
  if (status === 200 && firstLine(visit.headers["if-none-match"]) === etag) return { status: 304, type, headers };
  if (!/\bgzip\b/.test(firstLine(visit.headers["accept-encoding"]) ?? ""))
    return { status, text: bytes, type, headers };
  return { status, text: gzip, type, headers: { ...headers, "content-encoding": "gzip" } };
}

function notBuilt(): Answer {
  const { text, policy: closed } = document(
    "Countersign",
    page`<h1>Countersign</h1><p>The console is not built here. In a checkout, <code>npm start</code> builds it.</p>
<p><a href="/plain">What waits, what is stopped and what happened last</a>, without a script.</p>`,
  );
  const headers = { "content-security-policy": closed };
  return { status: 200, text, type: "text/html; charset=utf-8", headers };
}
