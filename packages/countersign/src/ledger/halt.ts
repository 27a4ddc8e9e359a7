import { Flaw } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";

/** A reason for which the log must stand still until a person has looked. */
export class Halt extends Error {}

/** Evidence that does not fit stops the log; a database or a disk that does not answer is tried again. */
export function haltOn(what: string): (cause: unknown) => never {
  return (cause) => {
    const isEvidence = cause instanceof Flaw || (cause instanceof Problem && cause.code !== "unavailable");
    if (!isEvidence) throw cause;
    throw new Halt(`${what}: ${cause.message}`);
  };
}
