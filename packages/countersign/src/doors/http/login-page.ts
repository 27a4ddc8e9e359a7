import { document, type Html, page } from "./page.ts";

export interface LoginShown {
  readonly link: string | undefined;
  readonly person: { readonly name: string; readonly email: string } | undefined;
  /** Host of the identity provider; undefined where there is none. */
  readonly provider: string | undefined;
  readonly next: string;
}

/** The login form. A GET shows whose login it is; only the button uses the link up. */
export function loginPage({ link, person, provider, next }: LoginShown) {
  if (link !== undefined && person !== undefined) {
    return document(
      "Log in",
      page`<h1>Log in</h1><p>As ${person.name} (${person.email}).</p>
<form method="post" action="/login"><input type="hidden" name="link" value="${link}"><button>Log in</button></form>
<p class="quiet">The link works once. If you did not ask for it, close this page.</p>`,
    );
  }
  const stale = link === undefined ? none : page`<p>This login link is not valid any more.</p>`;
  if (provider !== undefined) {
    return document(
      "Log in",
      page`<h1>Log in</h1>${stale}
<form method="post" action="/login/provider"><input type="hidden" name="next" value="${next}"><button>Log in at ${provider}</button></form>
<p class="quiet">You come back here afterwards.</p>`,
    );
  }
  return document(
    "Log in",
    page`<h1>Log in</h1>${link === undefined ? page`<p>Open the login link that you were given.</p>` : stale}
<p class="quiet">A link works once, for ten minutes. An admin makes a new one with <code>npx countersign person invite</code>.</p>`,
  );
}

const none: Html = { html: "" };

/** On the way: browsers send our strict cookie only where a page of ours leads on, and follow no form to another site. */
export function onwardsPage(title: string, next: string, words: string) {
  return document(title, page`<h1>${title}</h1><p><a href="${next}" rel="noreferrer">${words}</a></p>`, { next });
}

/** Why nobody was logged in. Loaded again, it is where one begins again. */
export function notLoggedInPage(sentence: string, help: string | undefined) {
  const hint = help === undefined ? none : page`<p class="quiet">${help}</p>`;
  return document(
    "Not logged in",
    page`<h1>Not logged in</h1><p>${sentence}.</p>${hint}<p><a href="/login">Begin again</a></p>`,
    { isReturn: true },
  );
}

export function loggedOutPage(providerUrl: string | undefined) {
  const more =
    providerUrl === undefined
      ? none
      : page`<p><a href="${providerUrl}" rel="noreferrer">Log out at ${new URL(providerUrl).host}, too</a></p>`;
  return document("Logged out", page`<h1>Logged out</h1>${more}<p><a href="/login">Log in again</a></p>`);
}
