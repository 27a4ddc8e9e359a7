import type { ProblemBody } from "@countersign/contract";
import { loginQuery } from "@countersign/contract/api";
import { loginCallbackPath } from "../../governance/index.ts";
import { document, type Html, page } from "./page.ts";

/**
 * A problem for whoever opened an address or sent a form in a browser: what happened, what was not done, and where to go,
 * without a script. `path` can be come back to; without one something may have been done before it failed.
 */
export function problemPage({ status, title, detail, help }: ProblemBody, path: string | undefined) {
  const heading = headings[status] ?? sentence(title).slice(0, -1);
  const hint = help === undefined ? { html: "" } : page`<p>${sentence(help)}</p>`;
  const done =
    path !== undefined || status < 500
      ? "Nothing was done."
      : "It may have been done all the same: look before you do it again.";
  return document(
    heading,
    page`<h1>${heading}</h1><p>${sentence(detail)} ${done}</p>${hint}${requestIn(help)}${status === 401 ? logIn(path) : onwards}
<p class="quiet">A program that asks for JSON gets the same as <code>application/problem+json</code>.</p>`,
    { isReturn: path === loginCallbackPath },
  );
}

const headings: Readonly<Record<number, string>> = {
  401: "You are not logged in",
  403: "You may not do this",
  404: "There is nothing at this address",
};

const onwards = page`<p><a href="/">The console</a>, or <a href="/plain">what waits, what is stopped and what happened last</a> without a script.</p>`;

/** The way to a held action that the help names. */
function requestIn(help: string | undefined): Html {
  const [path] = /\/approvals\/act_[0-9a-z]{26}\b/.exec(help ?? "") ?? [];
  return path === undefined ? { html: "" } : page`<p><a href="${path}">Look at it again</a></p>`;
}

function logIn(path: string | undefined): Html {
  const isWay = path !== undefined && loginQuery.safeParse({ next: path }).success;
  const login = isWay ? `/login?next=${encodeURIComponent(path)}` : "/login";
  return page`<p><a href="${login}">Log in</a>, or open the login link that you were given.</p>`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
