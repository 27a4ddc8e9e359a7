import type { Command } from "commander";
import { Problem } from "../../floor/problem.ts";
import { durationMs } from "../../policy/duration.ts";
import type { Shell } from "./shell.ts";

/** Adds the commands of one noun. */
export type Noun = (program: Command, shell: Shell) => void;

/** `30d` in milliseconds. */
export function duration(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined)
    throw new Problem("invalid", `\`${text.slice(0, 40)}\` is not a duration`, {
      help: "such as `15m`, `4h` or `30d`",
    });
  return ms;
}

export function whole(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Problem("invalid", `\`${text.slice(0, 40)}\` is not a whole number`);
  return Number(text);
}

/** Gathers an option that may stand several times, or hold several values with commas. */
export function gather(text: string, before: readonly string[] | undefined): readonly string[] {
  const found = text.split(",").map((part) => part.trim());
  return [...(before ?? []), ...found.filter((part) => part !== "")];
}
