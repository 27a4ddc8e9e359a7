import { nearest } from "./nearest.ts";

export const filterNames = ["agent", "workflow", "tool", "state", "run"] as const;
/** Of what waits for people. */
export const inboxFilters = ["agent", "workflow", "tool", "risk"] as const;
export type FilterName = (typeof filterNames)[number] | (typeof inboxFilters)[number];

/** The states of an action. */
const states = ["received", "held", "ready", "running", "done", "failed", "unknown", "refused", "reversed"];

export interface Search {
  readonly filters: { readonly [name in FilterName]?: string };
  /** What is left over: to be looked up. */
  readonly words: string;
  /** Why nothing is asked with it, in a sentence; the first thing that is wrong. */
  readonly trouble?: string;
}

const forms: Readonly<Record<FilterName, readonly [form: RegExp, words: string]>> = {
  agent: [/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "the name of an agent, such as `agent:scribe`"],
  workflow: [/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "the name of a workflow, such as `workflow:docs-upkeep`"],
  tool: [/^.{1,300}$/, "a server and its tool, such as `tool:files.write_file`"],
  state: [new RegExp(`^(${states.join("|")})$`), `one of ${states.join(", ")}`],
  risk: [/^(low|medium|high)$/, "low, medium or high"],
  run: [/^run_([0-9a-hjkmnp-tv-z]{26}|auto_[0-9a-f]{22})$/, "the whole id of a run, such as `run:run_01m8…`"],
};

/** Words that stand before a colon and are no filters. */
const otherwise = new Set(["http", "https", "file", "git", "ssh", "mailto", "urn", "sha256", "mcp"]);

/** Filters are `name:value`, with double quotes around what has a space; all else are words. Nothing is dropped in silence. */
export function parseSearch(text: string, names: readonly FilterName[] = filterNames): Search {
  const filters: { [name in FilterName]?: string } = {};
  const words: string[] = [];
  let trouble: string | undefined;
  for (const [token] of text.matchAll(/[a-z]+:"[^"]*"|"[^"]*"|\S+/g)) {
    const [, name = "", value = ""] = /^([a-z]{2,14}):((?!\/\/).*)$/.exec(token) ?? [];
    if (name === "" || otherwise.has(name)) words.push(token);
    else if (!isFilter(name, names)) trouble ??= noFilter(name, names);
    else {
      const given = value.replace(/^"(.*)"$/, "$1");
      trouble ??=
        filters[name] === undefined ? wrongValue(name, given) : `\`${name}\` is given twice; one of them at a time.`;
      filters[name] = given;
    }
  }
  return { filters, words: words.join(" "), ...(trouble === undefined ? {} : { trouble }) };
}

/** The same search, as it would be typed. */
export function writeSearch({ filters, words }: Pick<Search, "filters" | "words">): string {
  const typed = filterNames.flatMap((name) => {
    const value = filters[name];
    return value === undefined ? [] : [`${name}:${/\s/.test(value) ? `"${value}"` : value}`];
  });
  return [...typed, ...(words === "" ? [] : [words])].join(" ");
}

function isFilter(name: string, names: readonly string[]): name is FilterName {
  return names.includes(name);
}

function noFilter(name: string, names: readonly FilterName[]): string {
  const meant = nearest(name, names);
  const help = meant === undefined ? `Filters are ${names.join(", ")}` : `Did you mean \`${meant}:\`?`;
  const end = help.endsWith("?") ? "" : ".";
  return `There is no filter \`${name}\`. ${help}${end} Double quotes around it look for it as words.`;
}

function wrongValue(name: FilterName, value: string): string | undefined {
  const [form, words] = forms[name];
  if (form.test(value)) return undefined;
  if (value === "") return `After \`${name}:\` comes ${words}, without a space between.`;
  const meant = name === "state" ? nearest(value, states) : undefined;
  const help = meant === undefined ? "" : ` Did you mean \`state:${meant}\`?`;
  return `\`${value.slice(0, 80)}\` is no ${name}: it is ${words}.${help}`;
}
