import type { Files } from "@countersign/client";

/** The files in force that a rule was begun over, and their digest: what it is put in force over, or not at all. */
export interface Base {
  readonly digest: string | undefined;
  readonly files: Files;
}

interface Moved {
  /** Files that are in force otherwise than when the rule was begun. */
  readonly changed: readonly string[];
  /** Its own file is as it was, or already as it is written: over the files of now it takes nothing back. */
  readonly keeps: boolean;
  readonly isInForce: boolean;
}

/** How the files of now differ from those that a rule was begun over; undefined where they are the same. */
export function movedOn(
  rule: { readonly file: string; readonly text: string; readonly base: Base },
  now: Base,
): Moved | undefined {
  const { file, text, base } = rule;
  if (base.digest === now.digest) return undefined;
  const names = [...new Set([...Object.keys(base.files), ...Object.keys(now.files)])].sort();
  const isInForce = now.files[file] === text;
  return {
    changed: names.filter((name) => base.files[name] !== now.files[name]),
    keeps: isInForce || now.files[file] === base.files[file],
    isInForce,
  };
}
