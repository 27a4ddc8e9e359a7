import { findByContext } from "./context-rules.ts";
import { findWithSecretlint } from "./secretlint.ts";
import { looseRules, type TokenRule, tokenRules } from "./token-rules.ts";
import type { Found } from "./view.ts";

const byAnchor = new Map<string, TokenRule[]>();
for (const rule of tokenRules) {
  for (const anchor of rule.anchors) byAnchor.set(anchor, [...(byAnchor.get(anchor) ?? []), rule]);
}
const anchors = new RegExp(
  [...byAnchor.keys()]
    .sort((a, b) => b.length - a.length)
    .map(quote)
    .join("|"),
  "g",
);
const pemBegin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d/g;

/** Credentials in one text, by how they look and by what stands before them. */
export function findPatterns(text: string): Found[] {
  const found: Found[] = [];
  findTokens(text, found);
  findPrivateKeys(text, found);
  for (const rule of looseRules) {
    if (!text.includes(rule.hint)) continue;
    for (const match of text.matchAll(rule.pattern)) {
      found.push({ rule: rule.id, start: match.index, end: match.index + match[0].length });
    }
  }
  found.push(...findByContext(text));
  // What an own rule has found already needs no second name, and the preset does not know our placeholders.
  if (found.length === 0) found.push(...findWithSecretlint(text));
  return found;
}

function findTokens(text: string, found: Found[]): void {
  anchors.lastIndex = 0;
  for (let hit = anchors.exec(text); hit !== null; hit = anchors.exec(text)) {
    for (const rule of byAnchor.get(hit[0]) ?? []) {
      rule.pattern.lastIndex = hit.index;
      const match = rule.pattern.exec(text);
      if (match === null || !rule.accept(match[0])) continue;
      found.push({ rule: rule.id, start: match.index, end: match.index + match[0].length });
      anchors.lastIndex = match.index + match[0].length;
      break;
    }
  }
}

/** From the first line to the last, or where the end is cut off, as far as the body goes. */
function findPrivateKeys(text: string, found: Found[]): void {
  if (!text.includes("PRIVATE KEY") && !text.includes("PuTTY-User")) return;
  let covered = 0;
  for (const match of text.matchAll(pemBegin)) {
    if (match.index < covered) continue;
    const from = match.index + match[0].length;
    const body = text.slice(from, from + 32_768);
    const end = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/.exec(body);
    const rest =
      end === null ? (/^(?:[A-Za-z0-9+/=:,.\s-]|\\[nr])*/.exec(body)?.[0].length ?? 0) : end.index + end[0].length;
    // A header alone is what documentation and code that parses keys show.
    covered = from + rest;
    if (rest >= 64) found.push({ rule: "private-key", start: match.index, end: from + rest });
  }
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
