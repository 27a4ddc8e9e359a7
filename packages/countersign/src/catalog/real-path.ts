import { lstatSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** What is asked of a disk; each question stops the whole server until it is answered. */
export interface Looks {
  readonly isLink: (path: string) => boolean;
  readonly real: (path: string) => string;
}

const thisMachine: Looks = {
  isLink: (path) => lstatSync(path).isSymbolicLink(),
  real: (path) => realpathSync.native(path),
};

/**
 * Tells where absolute paths lead on this machine's disk as a program that opens them finds it: links followed, `..`
 * after them. It goes down from `/`, so that what is not there costs one look: the rest lies below where its nearest
 * folder leads. Undefined where nobody can tell: a link to nothing, a circle of links, a folder that may not be looked
 * into. Nothing is asked twice, so it is opened anew for each classification.
 */
export function openDisk(looks: Looks = thisMachine): (path: string) => string | undefined {
  const isLink = once((path) => looks.isLink(path));
  const real = once((path) => looks.real(path));
  return once((path) => {
    let [there, rest] = ["/", ""];
    for (const part of path.split("/")) {
      if (part === "" || part === ".") continue;
      if (part === "..") {
        if (rest === "") there = dirname(there);
        else rest = rest.includes("/") ? dirname(rest) : "";
        continue;
      }
      if (rest !== "") {
        rest = join(rest, part);
        continue;
      }
      const next = join(there, part);
      try {
        there = isLink(next) ? real(next) : next;
      } catch (thrown) {
        if (!isMissing(thrown) || isThere(isLink, next)) return undefined;
        rest = part;
      }
    }
    try {
      // Once more as a whole: a disk that ignores case writes a name as it was made.
      return join(real(there), rest);
    } catch {
      return undefined;
    }
  });
}

/** A link to what is not there yet: whoever writes to it makes that. */
function isThere(isLink: Looks["isLink"], path: string): boolean {
  try {
    return isLink(path);
  } catch (thrown) {
    return !isMissing(thrown);
  }
}

/** Remembers what was thrown, too. */
function once<T>(ask: (path: string) => T): (path: string) => T {
  const known = new Map<string, { readonly value: T } | { readonly thrown: unknown }>();
  return (path) => {
    let answer = known.get(path);
    if (answer === undefined) {
      try {
        answer = { value: ask(path) };
      } catch (thrown) {
        answer = { thrown };
      }
      known.set(path, answer);
    }
    if ("thrown" in answer) throw answer.thrown;
    return answer.value;
  };
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
}
