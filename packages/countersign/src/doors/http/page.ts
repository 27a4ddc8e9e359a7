import { createHash } from "node:crypto";
import { escapeHtml } from "../../floor/visible.ts";

/** Text that may stand between tags and in attributes. Only `text` and `join` make it. */
export interface Html {
  readonly html: string;
}

/** Untrusted text is never markup, and nothing in it can hide: what controls or reorders is written out as its code. */
export function text(value: string): Html {
  return { html: escapeHtml(value) };
}

/** A template whose values are escaped unless they are markup of ours already. */
export function page(
  strings: TemplateStringsArray,
  ...values: readonly (Html | string | number | readonly Html[])[]
): Html {
  let html = strings[0] ?? "";
  for (const [at, value] of values.entries()) html += markup(value) + (strings[at + 1] ?? "");
  return { html };
}

function markup(value: Html | string | number | readonly Html[]): string {
  if (typeof value === "string" || typeof value === "number") return text(String(value)).html;
  return "html" in value ? value.html : value.map((one) => one.html).join("");
}

/** Where to go on from a page without the console's rail: back, and to what stops. */
export function ways(back: string, words: string): Html {
  return page`<nav aria-label="Elsewhere"><p><a href="${back}">${words}</a> · <a href="/stops">Stop something</a></p></nav>`;
}

const style = `:root{color-scheme:light dark}*{box-sizing:border-box}
body{margin:0 auto;max-width:46rem;padding:1.5rem 1rem;font:1rem/1.45 system-ui,sans-serif;overflow-wrap:anywhere;color:light-dark(#1a1a1a,#eaeaea);background:light-dark(#fff,#141414)}
h1{font-size:1.25rem;margin:0 0 .25rem}h2{font-size:1rem;margin:1rem 0 .15rem}p{margin:.15rem 0}
small,summary,.quiet{color:light-dark(#555,#aaa)}a{color:light-dark(#0b57d0,#8ab4f8)}
code,pre{font-family:ui-monospace,monospace;font-size:.85rem;overflow-wrap:anywhere;white-space:pre-wrap}
pre{margin:.25rem 0;padding:.5rem;border:1px solid light-dark(#ccc,#444);border-radius:.25rem}
.state{display:inline-block;padding:0 .5rem;border:1px solid currentColor;border-radius:1rem;font-size:.9rem}
.claim{border-left:3px solid light-dark(#b26a00,#e0a84b);padding-left:.6rem}
form{margin:1rem 0}label{display:block;margin:.5rem 0}textarea,input{font:inherit;width:100%;padding:.4rem;color:inherit;background:transparent;border:1px solid light-dark(#767676,#8a8a8a);border-radius:.25rem}
button{font:inherit;padding:.5rem 1rem;margin:.25rem .5rem .25rem 0;border:1px solid currentColor;border-radius:.25rem;background:transparent;color:inherit;cursor:pointer;min-height:2.75rem}
:focus-visible{outline:3px solid light-dark(#0b57d0,#8ab4f8);outline-offset:2px}
@media print{body{font-size:9.5pt;line-height:1.3;padding:0;max-width:none}h2{margin-top:.5rem}details:not([open]){display:none}a{color:inherit}}`;

/** The one script that a page loads: browsers ask passkeys by script only. */
export const passkeyScriptPath = "/passkey.js";

const styleHash = hashOf(style);

/** Puts the address of the login in the place of the one that was opened, also in the browser's history. */
const renaming = "history.replaceState(null,'','/login')";
const renamingHash = hashOf(renaming);

function hashOf(part: string): string {
  return createHash("sha256").update(part).digest("base64");
}

interface DocumentOptions {
  readonly asksPasskey?: boolean;
  readonly next?: string;
  /** It stands at the address that a provider sent the browser back to: what that carries is kept nowhere. */
  readonly isReturn?: boolean;
}

/** One whole page, without a script unless it asks a passkey or stands where a provider led. `policy` is its Content-Security-Policy. */
export function document(
  title: string,
  body: Html,
  { asksPasskey = false, next, isReturn = false }: DocumentOptions = {},
): { readonly text: string; readonly policy: string } {
  const head = page`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${title}</title>`;
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'${asksPasskey ? "; script-src 'self'; connect-src 'self'" : isReturn ? `; script-src 'sha256-${renamingHash}'` : ""}`;
  const script = asksPasskey
    ? `<script src="${passkeyScriptPath}" defer></script>`
    : isReturn
      ? `<script>${renaming}</script>`
      : "";
  const onwards = next === undefined ? "" : page`<meta http-equiv="refresh" content="0;url=${next}">`.html;
  return {
    text: `${head.html}${onwards}${script}<style>${style}</style></head><body><main>${body.html}</main></body></html>`,
    policy,
  };
}
