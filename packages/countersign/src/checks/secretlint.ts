import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import { isPlaceholder } from "./placeholder.ts";
import type { Found } from "./view.ts";

type Rule = (typeof rules)[number];
type RuleContext = Parameters<Rule["create"]>[0];
type Source = Parameters<NonNullable<ReturnType<Rule["create"]>["file"]>>[0];

/** `filter-comments` would let the text under inspection switch the scan off; `gcp` reads files by their ending. */
const left = ["@secretlint/secretlint-rule-filter-comments", "@secretlint/secretlint-rule-gcp"];

/** An account number is not a credential. */
const ignored = ["AWSAccountID"];

/** What at least one rule of the preset needs to find in a text: a pass over plain text costs next to nothing. */
const hint =
  /AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|A3T|[aA]ccess_?[kK]ey|ACCESS_?KEY|PRIVATE KEY|x-oauth-basic|_authToken|npm_|xox[abopr]-|xapp-|[hH][oO][oO][kK][sS]\.slack|:\/\/[^\s/@]{0,256}:[^\s/@]{0,256}@|(?<![a-z])sk-|gsk_|hf_|lin_api_|ntn_|SG\.|shp(?:pa|ca|at|ss)_|[sr]k_(?:live|test)_|gh[opusr]_|github_pat_|glpat-|glc_|glsa_|ops_ey|hv[sbr]\.|vc[pirak]k?_|dapi[0-9a-f]|dckr_pat_|figd_|cf(?:k|ut|at)_|tskey-/;

interface Armed {
  readonly id: string;
  readonly file: (source: Source) => unknown;
}

const heard: Found[] = [];
let current = "";
const armed: readonly Armed[] = rules.filter((rule) => !left.includes(rule.meta.id)).map(arm);

/** The names of the rules in force, for the version of the check. */
export const secretlintRules: readonly string[] = armed.map((rule) => rule.id);

/** Runs the preset's rules over one text. They are synchronous for text, so their async runner is not needed. */
export function findWithSecretlint(text: string): Found[] {
  if (!hint.test(text)) return [];
  heard.length = 0;
  const source = sourceOf(text);
  for (const rule of armed) {
    current = rule.id;
    rule.file(source);
  }
  return heard
    .map((found) => ({ ...found, end: endOfToken(text, found.end) }))
    .filter((found) => found.end - found.start > 512 || !isPlaceholder(text.slice(found.start + 4, found.end)));
}

function arm(rule: Rule): Armed {
  const id = rule.meta.id.replace("@secretlint/secretlint-rule-", "");
  const context = {
    sharedOptions: {},
    createTranslator: () => (messageId: string) => ({ message: "", messageId }),
    ignore() {},
    report(found: { readonly message: { readonly messageId: string }; readonly range: readonly [number, number] }) {
      if (ignored.includes(found.message.messageId)) return;
      heard.push({ rule: current, start: found.range[0], end: found.range[1] });
    },
  };
  // The rule's own types ask for message tables that only a report for people needs.
  const handler = rule.create(context as unknown as RuleContext, { enableIDScanRule: true });
  return { id, file: handler.file?.bind(handler) ?? (() => undefined) };
}

function sourceOf(text: string): Source {
  return { content: text, contentType: "text", ext: "", filePath: "value", getSharedData() {} } as unknown as Source;
}

/** Some rules report a range that ends before the credential does, so a range is widened to the token it touches. */
function endOfToken(text: string, end: number): number {
  const boundary = /[\s"'`<>,;(){}]/;
  let to = end;
  while (to < text.length && to - end < 4096 && !boundary.test(text.charAt(to))) to++;
  return to;
}
