import { isCommit, isTelling, isWorth, lineOf, partsOf, piecesOf } from "./piece.ts";
import { commitTerm } from "./terms.ts";

/** One reading of what was pasted. An action fits that has all the terms and says all the phrases. */
export interface Reading {
  readonly terms: readonly string[];
  /** As `lineOf` writes them; each must stand in what the action says. */
  readonly phrases: readonly string[];
  /** Commits: what the action says must begin with one of them, or one of them with it. */
  readonly commits: readonly string[];
}

/** More terms than this tell no more. */
const mostTerms = 8;

/** Readings of a pasted text, the strictest first: the first one under which anything is found is the one that counts. */
export function readingsOf(q: string): readonly Reading[] {
  const quoted = [...q.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
  const pieces = [...new Set(piecesOf(q))];
  const telling = pieces.filter(isTelling);
  const phrases = quoted.map(lineOf).filter((line) => line !== "");
  const all = [reading(pieces, phrases, exact), reading(pieces, phrases, inParts)];
  // An address or a ticket among other words is what was meant.
  if (telling.length > 0 && telling.length < pieces.length && quoted.length === 0)
    all.push(reading(telling, [], exact), reading(telling, [], inParts));
  const seen = new Set<string>();
  return all.filter((one) => {
    const text = JSON.stringify(one);
    return one.terms.length > 0 && !seen.has(text) && seen.add(text) !== undefined;
  });
}

type Part = Reading;

function reading(
  pieces: readonly string[],
  phrases: readonly string[],
  read: (piece: string) => Part | undefined,
): Reading {
  const parts = pieces.map(read).filter((part) => part !== undefined);
  // The longest tell most. What is left out of the terms is still asked for as a phrase where it was one.
  const terms = [...new Set(parts.flatMap((part) => part.terms))].sort((a, b) => b.length - a.length);
  return {
    terms: terms.slice(0, mostTerms),
    phrases: [...new Set([...phrases, ...parts.flatMap((part) => part.phrases)])],
    commits: parts.flatMap((part) => part.commits),
  };
}

function exact(piece: string): Part | undefined {
  return isWorth(piece) ? { terms: [piece], phrases: [], commits: [] } : undefined;
}

/** A piece that no action has as a whole may stand inside of one: its parts are looked for, and the piece itself then in what they say. */
function inParts(piece: string): Part | undefined {
  if (isCommit(piece)) return { terms: [commitTerm(piece)], phrases: [], commits: [piece] };
  const parts = partsOf(piece);
  return parts.length === 0 ? exact(piece) : { terms: parts, phrases: [piece], commits: [] };
}

/** Whether an action that says these lines, and has these terms, fits. */
export function fits({ terms, phrases, commits }: Reading, line: string, has: ReadonlySet<string>): boolean {
  if (!terms.every((term) => has.has(term))) return false;
  if (!phrases.every((phrase) => stands(line, phrase))) return false;
  if (commits.length === 0) return true;
  const said = line.split(/[^0-9a-z]+/).filter(isCommit);
  return commits.every((commit) => said.some((one) => one.startsWith(commit) || commit.startsWith(one)));
}

/**
 * Whether a text may hold what is asked for: nothing but its words and numbers in ASCII, which every way to write a piece
 * has in common, are looked for. Cheap, for the many that do not fit.
 */
export function mayFit({ terms }: Reading, folded: string): boolean {
  const runs = terms.flatMap(
    (term) =>
      term
        .split("\0")
        .at(-1)
        ?.match(/[a-z0-9]+/g) ?? [],
  );
  return runs.every((run) => folded.includes(run));
}

const wordy = /[\p{L}\p{N}]/u;

/** Whether a line says a phrase, and not only as a part of longer words: `pull/1` does not stand in `pull/12`. */
export function stands(line: string, phrase: string): boolean {
  for (let at = line.indexOf(phrase); at >= 0; at = line.indexOf(phrase, at + 1)) {
    const [before, after] = [line[at - 1] ?? "", line[at + phrase.length] ?? ""];
    if (!wordy.test(before) && !wordy.test(after)) return true;
  }
  return false;
}
