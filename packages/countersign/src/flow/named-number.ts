/** Words that stand before any number that names something. */
const naming = new Set(["#", "no", "nr", "number", "id"]);
/** Parts of an argument's name that say that its number is how much, not which. */
const measures = new Set([
  "amount",
  "price",
  "total",
  "sum",
  "value",
  "percentage",
  "percent",
  "replica",
  "count",
  "quantity",
  "limit",
]);
const beforeMeasures = new Set(["to", "by", "of", "at"]);
const units = new Set(["eur", "usd", "gbp", "chf", "jpy", "sek", "nok", "dkk", "pln", "percent"]);
const long = 5;

/** Whether a number could be any number that happens to stand in a text: a small one, or one that says how much. */
export function mayBeAnyNumber(tokens: readonly string[], place: ReadonlySet<string>): boolean {
  const [first = ""] = tokens;
  return isNumber(tokens) && (first.length < long || isMeasure(place));
}

export function isNumber([first = "", ...rest]: readonly string[]): boolean {
  return rest.length === 0 && /^-?\d+(?:\.\d+)?$/.test(first);
}

function isMeasure(place: ReadonlySet<string>): boolean {
  return [...place].some((word) => measures.has(word));
}

/**
 * Whether a task means this number for this argument. `fix 3 typos in issue 12` names issue 12, and no issue 3: the word
 * before it belongs to the argument or its tool, or it is how much and stands as such.
 */
export function namesNumber(before: string, after: string, place: ReadonlySet<string>): boolean {
  if (naming.has(before) || place.has(singular(before))) return true;
  return isMeasure(place) && (beforeMeasures.has(before) || isMeasured(after, place));
}

/** `8 of checkout`, `40 EUR`, `5 replicas`. */
function isMeasured(after: string, place: ReadonlySet<string>): boolean {
  return after === "of" || units.has(after) || place.has(singular(after));
}

/** The words that a tool and an argument are called by: `github.issue_write`, `args.issue_number`. */
export function wordsOfPlace(tool: string, at: string): ReadonlySet<string> {
  const words = `${tool} ${at.replace(/^(?:args|parsed)\./, "")}`.replace(/([a-z0-9])([A-Z])/g, "$1 $2");
  return new Set(
    words
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length > 1)
      .map(singular),
  );
}

function singular(word: string): string {
  return word.length > 3 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}
