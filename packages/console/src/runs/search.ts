import { nearest } from "./nearest.ts";

export const filterNames = ["agent", "workflow", "tool", "state", "risk", "target", "since", "until", "run"] as const;
/** Of what waits for people. */
export const inboxFilters = ["agent", "workflow", "tool", "risk"] as const;
export type FilterName = (typeof filterNames)[number];

/** The states of an action. */
const states = ["received", "held", "ready", "running", "done", "failed", "unknown", "refused", "reversed"];

/** Words for how it ended that are no states: the state is one of these, and its sentence says the rest. */
const otherWords: Readonly<Record<string, string>> = {
  denied: "refused",
  blocked: "refused",
  stopped: "refused",
  cancelled: "refused",
  canceled: "refused",
  expired: "refused",
  lapsed: "refused",
  waiting: "held",
  pending: "held",
  undone: "reversed",
};

const moment = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?$/;
const momentWords = (name: string): string =>
  `a day in UTC, such as \`${name}:2026-11-22\`, or a moment, such as \`${name}:2026-11-22T08:30Z\``;

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
  risk: [/^(low|medium|high)$/, "low, medium or high, as people were told who were asked"],
  target: [/^.{1,1000}$/, "what it acted on or whole words of that, such as `target:welcome.md`"],
  since: [moment, momentWords("since")],
  until: [moment, momentWords("until")],
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

/** The address of the list that these filters narrow. */
export function listOf(of: "runs" | "actions", filters: Search["filters"]): string {
  const query = new URLSearchParams(of === "runs" ? {} : { of });
  query.set("q", writeSearch({ filters, words: "" }));
  return `/runs?${query}`;
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
  const isMoment = name === "since" || name === "until";
  if (form.test(value) && !(isMoment && !isThere(value))) return undefined;
  if (value === "") return `After \`${name}:\` comes ${words}, without a space between.`;
  const meant = name === "state" ? (otherWords[value] ?? nearest(value, states)) : undefined;
  const help = meant === undefined ? "" : ` Did you mean \`state:${meant}\`?`;
  return `\`${value.slice(0, 80)}\` is no ${name}: it is ${words}.${help}`;
}

/** Whether a calendar has the day. */
function isThere(moment: string): boolean {
  const day = moment.slice(0, 10);
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(Date.parse(moment)) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}
