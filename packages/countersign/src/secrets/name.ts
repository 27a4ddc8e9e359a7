import { Problem } from "../floor/problem.ts";

const pattern = /^[a-z0-9](?:[a-z0-9._/-]{0,126}[a-z0-9])?$/;

/** A secret's name, as `secret://name` and the store write it. */
export function checkName(name: string): string {
  if (pattern.test(name) && !name.includes("..") && !name.includes("//")) return name;
  throw new Problem("invalid", "that is not a name of a secret", {
    help: "use small letters, digits, `-`, `_`, `.` and `/`, at most 128 characters",
  });
}

/** Names that the plane itself keeps things under: no file refers to them, nobody puts them, no list shows them. */
export function isReserved(name: string): boolean {
  return name.startsWith("connection/");
}

/** Shorter values cannot be told from ordinary text in what comes back, so they could not be kept from an agent. */
export const shortestSecret = 8;
export const longestSecret = 65_536;

export function checkValue(value: string): string {
  const written = value.replace(/\s/g, "").length;
  if (written < shortestSecret) {
    throw new Problem("invalid", `a secret has at least ${shortestSecret} characters besides white space`, {
      help: "a shorter one cannot be found and cut out of what comes back; make it longer where it is used",
    });
  }
  if (value.length > longestSecret) throw new Problem("too_large", `a secret has at most ${longestSecret} characters`);
  return value;
}
