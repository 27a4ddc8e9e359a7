import type { ConsentPage } from "../../governance/index.ts";
import { document, type Html, page } from "./page.ts";

/** The page of a connection that is being made: whose it is, what is asked for, and the one next step. */
export function connectPage(shown: ConsentPage, csrf: string | undefined) {
  const whose = shown.workflow === null ? `for ${shown.person}` : `for workflow ${shown.workflow}`;
  const host = new URL(shown.issuer).host;
  const scope = shown.scope === "" ? none : page`<p>It is asked for: <code>${shown.scope}</code></p>`;
  return document(
    `Connect ${shown.server}`,
    page`<h1>Connect ${shown.server} ${whose}</h1>
<p class="quiet">Begun by ${shown.person}. The consent is given at ${host}.</p>${scope}${step(shown, csrf)}`,
  );
}

/** Why nothing was connected. */
export function notConnectedPage(sentence: string, help: string | undefined) {
  return document(
    "Not connected",
    page`<h1>Not connected</h1><p>${sentence}</p>${help === undefined ? none : page`<p class="quiet">${help}</p>`}`,
  );
}

const none: Html = { html: "" };

function step(shown: ConsentPage, csrf: string | undefined): Html {
  switch (shown.state) {
    case "open":
      return page`<p>${uses(shown)}</p>
<form method="post" action="/connect/${shown.id}">${csrf === undefined ? none : page`<input type="hidden" name="csrf" value="${csrf}">`}<button>Go on in this browser</button></form>
<p class="quiet">If it was not you who began this, close the page: you would lend your own account to ${shown.person}.</p>`;
    case "asks for its code":
      return shown.code === undefined ? elsewhere : codeStep(shown, shown.code);
    case "at the upstream":
      return shown.next === undefined
        ? elsewhere
        : page`<p><a href="${shown.next}" rel="noreferrer">Go on to ${new URL(shown.next).host}</a></p><p class="quiet">It brings you back here.</p>`;
    case "connected":
      return page`<p><span class="state">connected</span> ${uses(shown)}</p>
<p>You may close this page. <code>npx countersign tools connections</code> lists it, <code>npx countersign tools disconnect ${shown.server}</code> ends it.</p>`;
    case "denied":
    case "failed":
      return page`<p><span class="state">not connected</span> ${shown.because ?? ""}</p>`;
    case "expired":
      return page`<p><span class="state">not connected</span> It took longer than ten minutes and is over. Begin again.</p>`;
  }
}

function codeStep(shown: ConsentPage, code: string): Html {
  return page`<p>Type this where you began, to say that this browser is yours:</p><pre>${code}</pre>
<p><a href="/connect/${shown.id}">I have typed it</a></p>
<p class="quiet">If it was not you who began this, close the page and tell nobody the code.</p>`;
}

const elsewhere = page`<p>It goes on in another browser, or has gone on already.</p>`;

function uses({ server, workflow, person }: ConsentPage): string {
  const agents =
    workflow === null
      ? `Agents that act on behalf of ${person}, and no others, use it`
      : `Every agent of ${workflow} uses it`;
  return `${agents} for the calls that are allowed to them. Countersign itself asks ${server} for its list of tools with it. No agent sees the token.`;
}
