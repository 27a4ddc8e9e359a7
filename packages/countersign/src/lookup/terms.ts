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

const telling = /[/\d#@]/;

/** The terms of an entry, each once, cut off at `most`: what it acts on first, then ids and addresses, then words. */
export function termsOf({ tool, wholes, names, texts }: Findable, most: number): readonly string[] {
  const terms = new Set<string>();
  const add = (found: readonly string[]): void => {
    for (const term of found) if (terms.size < most && isWorth(term)) terms.add(term);
  };
  if (tool !== undefined) terms.add(toolTerm(tool));
  const acted = wholes.map(piecesOf);
  for (const pieces of acted) add(pieces);
  if (tool !== undefined) add(piecesOf(tool));
  for (const name of names) add(piecesOf(name));
  for (const pieces of acted) for (const piece of pieces) add(partsOf(piece));
  const pieces = new Set<string>();
  for (const text of texts) for (const piece of piecesOf(text)) pieces.add(piece);
  const found = [...pieces].filter((piece) => telling.test(piece));
  for (const piece of found) if (terms.size < most && isCommit(piece)) terms.add(commitTerm(piece));
  add(found);
  if (tool !== undefined) add(partsOf(tool));
  const all = [...pieces];
  add(all);
  for (const some of [found, all]) {
    for (const piece of some) {
      if (terms.size >= most) return [...terms];
      add(partsOf(piece));
    }
  }
  return [...terms];
}
