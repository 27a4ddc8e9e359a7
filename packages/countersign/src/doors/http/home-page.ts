import type { ActionLine, OpenAction } from "../../action/index.ts";
import type { ProposalLine } from "../../governance/index.ts";
import type { Stop } from "../../stop/index.ts";
import { document, type Html, page } from "./page.ts";

export interface Home {
  readonly name: string;
  readonly held: readonly (OpenAction & { readonly yours: boolean })[];
  readonly proposals: readonly ProposalLine[];
  readonly unknown: readonly OpenAction[];
  readonly stops: readonly Stop[];
  readonly newest: readonly ActionLine[];
  /** Of the browser's session; undefined where there is none. */
  readonly csrf: string | undefined;
}

/** Where a person lands after logging in: what waits, what is stopped, what happened last, each with its page. */
export function homePage({ name, held, proposals, unknown, stops, newest, csrf }: Home) {
  return document(
    "Countersign",
    page`<h1>Countersign</h1><p class="quiet">As ${name}. Everything else is done on the command line: <code>npx countersign --help</code>. <a href="/passkeys">Passkeys</a></p>
${list(
  "In force now: stops",
  stops.map(
    (stop) =>
      page`<li>${stop.scope} ${stop.name}, by ${stop.by}: ${stop.reason} <code>npx countersign lift ${stop.id}</code></li>`,
  ),
)}
${list(
  "Workspaces that wait for a second person",
  proposals.map(
    (one) =>
      page`<li><a href="/proposals/${one.id}">${one.plan.changes.length} changes by ${one.by}</a> <small>${one.yours ? "yours to sign" : "for others to sign"}, until ${one.expiresAt}</small></li>`,
  ),
)}
${list(
  "Nobody knows whether these happened",
  unknown.map(
    (one) => page`<li><a href="/receipts/${one.id}.html">${one.server}.${one.tool}</a> on ${one.target}</li>`,
  ),
)}
<h2>What waits for an answer</h2>${held.length === 0 ? page`<p>Nothing.</p>` : page`<ul>${held.map(waiting)}</ul>`}
<h2>The newest actions</h2>${newest.length === 0 ? page`<p>None yet.</p>` : page`<ul>${newest.map(line)}</ul>`}${csrf === undefined ? { html: "" } : page`<form method="post" action="/logout"><input type="hidden" name="csrf" value="${csrf}"><button>Log out</button></form>`}`,
  );
}

function list(title: string, items: readonly Html[]): Html {
  return items.length === 0 ? { html: "" } : page`<h2>${title}</h2><ul>${items}</ul>`;
}

function waiting(one: Home["held"][number]): Html {
  const whom = one.yours ? "asks you" : "asks others";
  const { undoes } = one;
  const what =
    undoes === undefined
      ? `${one.agent}: ${one.server}.${one.tool}`
      : `${undoes.by ?? one.agent}: undo ${undoes.action}`;
  return page`<li><a href="/approvals/${one.id}">${what}</a> on ${one.target} <small>${whom}, since ${one.openedAt}</small></li>`;
}

function line(one: ActionLine): Html {
  return page`<li><span class="state">${one.state}</span> <a href="/receipts/${one.id}.html">${one.agent ?? "nobody known"}: ${one.tool ?? "no tool"}</a> <small>${one.at}</small></li>`;
}
