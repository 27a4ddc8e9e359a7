import { diffWordsWithSpace } from "diff";

export interface WordPiece {
  readonly kind: "gone" | "new" | "same";
  readonly text: string;
}

/** A member of a definition that differs, word by word. */
export interface MemberDifference {
  readonly member: string;
  readonly pieces: readonly WordPiece[];
}

export interface DefinitionDifference {
  readonly changed: readonly MemberDifference[];
  readonly same: readonly string[];
}

type Definition = { readonly [member: string]: unknown };
const longestMs = 2_000;

/** Two definitions of a tool, member by member: words that a person reads first, then the schemas. */
export function definitionDifference(before: Definition | undefined, after: Definition): DefinitionDifference {
  const members = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after)])].sort(
    (one, other) => rank(one) - rank(other) || (one < other ? -1 : 1),
  );
  const compared = members.map((member) => ({ member, was: textOf(before?.[member]), is: textOf(after[member]) }));
  return {
    changed: compared
      .filter(({ was, is }) => was !== is)
      .map(({ member, was, is }) => ({ member, pieces: wordPieces(was, is) })),
    same: compared.filter(({ was, is }) => was === is).map(({ member }) => member),
  };
}

export function wordPieces(before: string, after: string): readonly WordPiece[] {
  const found = diffWordsWithSpace(before, after, { timeout: longestMs });
  // What would take too long to compare is shown whole, twice: never left out.
  if (found === undefined)
    return [
      { kind: "gone", text: before },
      { kind: "new", text: after },
    ];
  return found.map(({ value, added, removed }) => ({ kind: added ? "new" : removed ? "gone" : "same", text: value }));
}

function rank(member: string): number {
  const at = ["name", "title", "description"].indexOf(member);
  return at < 0 ? 3 : at;
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
