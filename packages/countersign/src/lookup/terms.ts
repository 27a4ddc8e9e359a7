import { isCommit, isWorth, partsOf, piecesOf } from "./piece.ts";

/** What one entry of an action says that somebody may paste, what tells most first. */
export interface Findable {
  /** `server.tool` of the action, in its first entry. */
  readonly tool?: string;
  /** Whole texts that may be pasted as they are: the target, an idempotency key. */
  readonly wholes: readonly string[];
  /** Names of agent, workflow, system, environment. */
  readonly names: readonly string[];
  readonly texts: readonly string[];
}

/** Bounds of what is indexed of an action: of its first entry, and of each entry that tells its result. */
export const mostTerms = { first: 44, result: 20 } as const;

/** Terms of a kind of their own: no text can be mistaken for them. */
export const toolTerm = (tool: string): string => `\0tool\0${tool}`;
/** Commits are abbreviated to different lengths: seven digits are what any of them has. */
export const commitTerm = (commit: string): string => `\0commit\0${commit.slice(0, 7)}`;

/** The terms of an entry, each once, cut off at `most`: what it acts on first, then ids and addresses, then words. */
export function termsOf({ tool, wholes, names, texts }: Findable, most: number): readonly string[] {
  const terms = new Set<string>();
  if (tool !== undefined) terms.add(toolTerm(tool));
  for (const whole of wholes) addAll(terms, piecesOf(whole));
  for (const name of [...(tool === undefined ? [] : [tool]), ...names]) addAll(terms, piecesOf(name));
  for (const whole of wholes) for (const piece of piecesOf(whole)) addAll(terms, partsOf(piece));
  const pieces = [...new Set(texts.flatMap((text) => piecesOf(text)))];
  const telling = pieces.filter((piece) => /[/\d#@]/.test(piece));
  for (const piece of telling) if (isCommit(piece)) terms.add(commitTerm(piece));
  addAll(terms, telling);
  if (tool !== undefined) addAll(terms, partsOf(tool));
  addAll(terms, pieces);
  for (const piece of [...telling, ...pieces]) {
    if (terms.size >= most) break;
    addAll(terms, partsOf(piece));
  }
  return [...terms].slice(0, most);
}

function addAll(terms: Set<string>, found: readonly string[]): void {
  for (const term of found) if (isWorth(term)) terms.add(term);
}
