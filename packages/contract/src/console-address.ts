/** Everything in the console that has a page of its own, by the first part of its address. */
export const consoleNouns = [
  "inbox",
  "runs",
  "actions",
  "find",
  "agents",
  "workflows",
  "tools",
  "policies",
  "people",
  "evals",
  "outcomes",
  "ledger",
  "stops",
  "unknowns",
  "alerts",
  "notices",
  "workbench",
] as const;

export type ConsoleNoun = (typeof consoleNouns)[number];

/** Views of the inbox that have an address of their own. */
export const inboxViews = ["batches", "grants", "glass", "answers", "load", "report"] as const;

const idOf = (...kinds: readonly string[]): string => `(?:${kinds.join("|")})_[0-9a-hjkmnp-tv-z]{26}`;
const name = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}";

/** What may stand below a noun, decoded: a noun that is missing here is one page. */
const below: Readonly<Partial<Record<ConsoleNoun, string>>> = {
  inbox: `${idOf("act")}|${inboxViews.join("|")}`,
  runs: "run_(?:[0-9a-hjkmnp-tv-z]{26}|auto_[0-9a-f]{22})",
  actions: idOf("act", "gov", "dec", "stp"),
  agents: name,
  workflows: name,
  // A tool's name is its server's own, and may hold anything.
  tools: `[A-Za-z0-9][A-Za-z0-9_-]{0,99}\\.[^]{1,200}?(?:/sha256:[0-9a-f]{64})?`,
  policies: "[^]{1,300}",
  people: "[^/]{3,254}",
  stops: idOf("stp"),
  unknowns: idOf("act"),
  alerts: idOf("gov"),
  notices: idOf("ntc"),
  workbench: idOf("act"),
};

/** Whether this can be the address of something below a noun: of an id that is well formed, whether or not anything has it. */
export function mayBeBelow(noun: ConsoleNoun, rest: string): boolean {
  const path = rest.split("/").filter(Boolean).join("/");
  return path === "" || new RegExp(`^(?:${below[noun] ?? "(?!)"})$`).test(path);
}
