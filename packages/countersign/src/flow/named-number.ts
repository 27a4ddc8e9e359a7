/** What stands beside a number in a task: the two words before it, and the one after it. */
export interface Beside {
  readonly second: string;
  readonly before: string;
  readonly after: string;
}

/** What a number is for an argument: which thing, how much, or nothing that its name tells. */
type Kind = "which" | "amount" | "untold";

/** Where a value stands: the words of the argument, those of its tool as well, and what a number is there. */
export interface Place {
  readonly own: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
  readonly kind: Kind;
}

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(" "));

/** Words that stand before any number that names something. */
const naming = setOf("# no nr number id");
/** The last word of an argument that says which, whatever stands before it: `order_number`, `seat_id`. */
const saysWhich = setOf(
  "id ids no nr number num key ref reference iid uuid guid name code slug sha title query search term handle target " +
    "object resource subject entity item record parent",
);
/** Parts of the name of an argument or its tool that say that its number is how much, not which. In the singular. */
const measures = setOf("amount price total sum value percentage percent replica count quantity limit");
/** Parts of an argument's name that say the same. */
const amounts = setOf(
  "cent penny minor qty fee cost balance quota size capacity budget rate discount salary tip tax threshold minimum " +
    "maximum min max volume weight length width height duration timeout byte kb mb gb hour minute second day euro dollar",
);
/** What several of are so many: `seats` says how many, and `seat` which. */
const counted = setOf("units nodes rows seats guests people hosts servers");
/** Nouns before a number that say which thing it names. Those of one line are called by each other's names. */
const nouns = byLine([
  "issue ticket case bug pr mr pull merge request incident",
  "invoice bill receipt",
  "order purchase booking reservation",
  "customer client account contact user member person employee patient payee recipient beneficiary iban",
  "build job pipeline workflow",
  "contract agreement policy quote offer",
  "lead deal opportunity",
  "shipment parcel package delivery",
  "payment transaction transfer",
  "project repository repo",
  "message mail comment thread note",
  "product article sku",
  "node host server machine",
  "room channel",
  "row",
  "seat",
  "unit",
]);
/** Other words of arguments for what those lines name. */
const roles = byLine(["customer to from destination owner assignee author sender", "build run", "issue task"]);
const beforeMeasures = setOf("to by of at");
const currencies = setOf("eur usd gbp chf jpy sek nok dkk pln");
const long = 5;

export function isNumber([first = "", ...rest]: readonly string[]): boolean {
  return rest.length === 0 && /^-?\d+(?:\.\d+)?$/.test(first);
}

/** Whether a number is so small that it stands in many texts and means something else in each. */
export function isSmallNumber(tokens: readonly string[]): boolean {
  const [first = ""] = tokens;
  return isNumber(tokens) && first.length < long;
}

/**
 * Whether a task means this number for this argument. `fix 3 typos in issue 12` names issue 12, and no issue 3: the word
 * before it belongs to the argument or its tool, or it is how much and stands as such. What `pay invoice 48213` names is
 * an invoice, and neither an amount nor an order.
 */
export function namesNumber(number: string, beside: Beside, place: Place): boolean {
  const { second, before } = beside;
  const isSmall = number.length < long;
  if (place.kind === "amount") return isMeasured(beside, place, isSmall);
  const noun = nouns.get(singular(naming.has(before) ? second : before));
  if (noun !== undefined) return isOfKind(noun, place, isSmall);
  return !isSmall || naming.has(before) || place.all.has(singular(before));
}

/** `8 of checkout`, `40 EUR`, `5 replicas`, `limit 5`; of a number that is called by a noun only `order 5 seats`. */
function isMeasured({ before, after }: Beside, { own, all }: Place, isSmall: boolean): boolean {
  const isCounted = counted.has(after) && own.has(singular(after));
  if (before === "#" || saysWhich.has(before) || nouns.has(singular(before))) return isSmall && isCounted;
  return beforeMeasures.has(before) || all.has(singular(before)) || all.has(singular(after)) || isUnit(after);
}

function isUnit(word: string): boolean {
  return word === "of" || word === "percent" || currencies.has(word);
}

/** Whether a number that a task calls by this noun may be one for this argument. */
function isOfKind(noun: string, { own, all, kind }: Place, isSmall: boolean): boolean {
  const kinds = linesOf(own);
  if (kinds.length > 0) return kinds.includes(noun);
  return (kind === "which" && !isSmall) || linesOf(all).includes(noun);
}

function linesOf(words: ReadonlySet<string>): readonly string[] {
  return [...words].flatMap((word) => {
    const role = roles.get(word);
    return (role === undefined ? nouns.get(word) : nouns.get(role.split(" ")[0] as string)) ?? [];
  });
}

/** The words that a tool and an argument are called by: `github.issue_write`, `args.issue_number`. */
export function placeOf(tool: string, at: string): Place {
  const own = wordsOf(at.replace(/^(?:args|parsed)\./, ""));
  const all = new Set([...wordsOf(tool), ...own].map(singular));
  return { own: new Set(own.map(singular)), all, kind: kindOf(own, all) };
}

function kindOf(own: readonly string[], all: ReadonlySet<string>): Kind {
  const single = own.map(singular);
  if (saysWhich.has(single.at(-1) ?? "")) return "which";
  if (own.some((word) => counted.has(word)) || single.some((word) => measures.has(word) || amounts.has(word)))
    return "amount";
  if (single.some((word) => nouns.has(word) || roles.has(word))) return "which";
  return [...all].some((word) => measures.has(word)) ? "amount" : "untold";
}

function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 1 && !/^\d+$/.test(word));
}

function singular(word: string): string {
  return word.length > 3 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

/** Each word with its line. */
function byLine(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(lines.flatMap((line) => line.split(" ").map((word) => [word, line] as const)));
}
