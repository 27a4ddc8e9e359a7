import { canonical, type Json } from "@countersign/contract";

export type ChangeKind =
  | "organisation"
  | "person"
  | "group"
  | "agent"
  | "environment"
  | "workflow"
  | "server"
  | "policy"
  | "veto"
  | "file";

/** `wider`: agents may do more, or fewer people are asked. `unclear`: only `policy diff` can tell. */
export type Risk = "wider" | "unclear" | "none";

export interface Change {
  readonly mark: "+" | "~" | "-";
  readonly kind: ChangeKind;
  readonly name: string;
  /** Without the mark, kind and name: `the tier rises from 1 to 2`. */
  readonly sentence: string;
  readonly risk: Risk;
}

export type Say = (sentence: string, risk?: Risk) => void;

interface Wording<T> {
  readonly kind: ChangeKind;
  readonly name: (item: T) => string;
  readonly added: (item: T) => readonly [sentence: string, risk: Risk];
  readonly removed: (item: T) => readonly [sentence: string, risk: Risk];
  /** Says each difference; what it does not say is said member by member, so nothing changes silently. */
  readonly changed: (before: T, after: T, say: Say) => readonly (keyof T & string)[];
}

/** Compares two lists of named things: gone, new, and changed, in the order of names. */
export function compare<T extends object>(before: readonly T[], after: readonly T[], wording: Wording<T>): Change[] {
  const { kind, name } = wording;
  const old = new Map(before.map((item) => [name(item), item]));
  const now = new Map(after.map((item) => [name(item), item]));
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((key): Change[] => {
    const was = old.get(key);
    const is = now.get(key);
    if (was === undefined && is !== undefined) {
      const [sentence, risk] = wording.added(is);
      return [{ mark: "+", kind, name: key, sentence, risk }];
    }
    if (was !== undefined && is === undefined) {
      const [sentence, risk] = wording.removed(was);
      return [{ mark: "-", kind, name: key, sentence, risk }];
    }
    if (was === undefined || is === undefined || isSame(was, is)) return [];
    return difference(kind, key, was, is, wording.changed);
  });
}

export function difference<T extends object>(
  kind: ChangeKind,
  name: string,
  was: T,
  is: T,
  changed: Wording<T>["changed"],
): Change[] {
  const changes: Change[] = [];
  const say: Say = (sentence, risk = "none") => {
    changes.push({ mark: "~", kind, name, sentence, risk });
  };
  const said = new Set<string>(changed(was, is, say));
  for (const member of differentMembers(was, is)) if (!said.has(member)) say(`\`${member}\` changes`, "unclear");
  return changes;
}

/** The members that differ between two plain objects. */
export function differentMembers(was: object, is: object): readonly string[] {
  const old = new Map(Object.entries(was));
  const now = new Map(Object.entries(is));
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .filter((member) => !isSame(old.get(member), now.get(member)));
}

export function isSame(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonical(plain(a)) === canonical(plain(b));
}

function plain(value: unknown): Json {
  const json: Json = JSON.parse(JSON.stringify(value));
  return json;
}

/** The names that came and those that went. */
export function namesBetween(
  was: readonly string[],
  is: readonly string[],
): { readonly came: readonly string[]; readonly went: readonly string[] } {
  return { came: is.filter((name) => !was.includes(name)), went: was.filter((name) => !is.includes(name)) };
}

export function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

/** Whether a limit was lifted or removed. */
export function isHigher(was: number | undefined, is: number | undefined): boolean {
  return was !== undefined && (is === undefined || is > was);
}
