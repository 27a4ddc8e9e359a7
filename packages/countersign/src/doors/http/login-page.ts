import { document, page } from "./page.ts";

/** The login form. A GET shows whose login it is; only the button uses the link up. */
export function loginPage(
  link: string | undefined,
  person: { readonly name: string; readonly email: string } | undefined,
) {
  if (link === undefined || person === undefined) {
    return document(
      "Log in",
      page`<h1>Log in</h1><p>${link === undefined ? "Open the login link that you were given." : "This login link is not valid any more."}</p>
<p class="quiet">A link works once, for ten minutes. An admin makes a new one with <code>countersign person invite</code>.</p>`,
    );
  }
  return document(
    "Log in",
    page`<h1>Log in</h1><p>As ${person.name} (${person.email}).</p>
<form method="post" action="/login"><input type="hidden" name="link" value="${link}"><button>Log in</button></form>
<p class="quiet">The link works once. If you did not ask for it, close this page.</p>`,
  );
}
