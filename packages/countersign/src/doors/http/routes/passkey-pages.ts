import * as api from "@countersign/contract/api";
import { z } from "zod";
import { Problem } from "../../../floor/problem.ts";
import { removePasskey } from "../../../governance/index.ts";
import { csrfOf, listPasskeys } from "../../../identity/index.ts";
import { passkeyScriptPath } from "../page.ts";
import { passkeyPage } from "../passkey-page.ts";
import { passkeyScript } from "../passkey-script.ts";
import { asPerson, type Route, route } from "../route.ts";
import { htmlAnswer } from "./answers.ts";
import { cookieValue } from "./credentials.ts";

const html = { type: "text/html" };

export const passkeyPageRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/passkeys",
    summary: "Your passkeys, as a page",
    who: { person: "any" },
    answers: { 200: html },
    async run(visit) {
      const cookie = cookieValue(visit);
      if (cookie === undefined) throw new Problem("forbidden", "passkeys are kept in a browser: log in there");
      const passkeys = await listPasskeys(visit.setting.control.parts.db, asPerson(visit).email);
      return htmlAnswer(passkeyPage(passkeys, csrfOf(cookie)));
    },
  }),
  route({
    method: "POST",
    path: "/passkeys/:id/remove",
    summary: "End a passkey at once, from the page",
    who: { person: "remove-passkey", inVerb: true },
    form: true,
    params: z.strictObject({ id: api.passkeyId }),
    answers: { 303: html },
    async run(visit) {
      await removePasskey(visit.setting.control, asPerson(visit), visit.params.id);
      return { status: 303, headers: { location: "/passkeys" } };
    },
  }),
  route({
    method: "GET",
    path: passkeyScriptPath,
    summary: "The script with which pages ask passkeys",
    who: "anyone",
    answers: { 200: { type: "text/javascript" } },
    run: async () => ({ status: 200, text: passkeyScript, type: "text/javascript; charset=utf-8" }),
  }),
];
