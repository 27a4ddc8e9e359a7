import type { Approval, Countersign } from "@countersign/client";
import { Problem } from "../../floor/problem.ts";
import { approvalLines } from "./approval-lines.ts";
import { prompt } from "./prompt.ts";
import type { Shell } from "./shell.ts";

export interface LookOptions {
  readonly yes?: true;
  readonly digest?: string;
}

/** What an answer names, of a held action that was put before the person; asks whether they are sure. */
export async function lookAt(
  shell: Shell,
  client: Countersign,
  id: string,
  what: string,
  options: LookOptions,
  /** What is told after all that is shown. */
  more: (shell: Shell, open: Approval) => readonly string[] = () => [],
): Promise<{ readonly callDigest: string; readonly shownDigest: string; readonly opened: string[] }> {
  const open = await client.approvals.get(id);
  const { callDigest, shownDigest } = open;
  if (options.digest !== undefined && options.digest !== callDigest) {
    throw new Problem("conflict", "the call is not the one of this digest: it or its target changed", {
      help: "look at it again",
    });
  }
  if (shownDigest === undefined) throw new Problem("forbidden", "you may not see this call, so you cannot answer it");
  const last = more(shell, open);
  const isPrinted = await sure(shell, () => [...approvalLines(shell, open as Approval), ...last], what, options);
  // What is printed is printed whole; with `--yes` or `--digest` nothing is.
  return { callDigest, shownDigest, opened: isPrinted ? (open.parts ?? []).map(({ id }) => id) : [] };
}

/** Shows it and asks for `yes`, unless that was said already: whether it was shown. */
export async function sure(
  shell: Shell,
  shown: () => readonly string[],
  what: string,
  options: LookOptions,
): Promise<boolean> {
  if (options.yes === true || options.digest !== undefined) return false;
  if (shell.terminal.stdin.isTTY !== true) {
    throw new Problem("invalid", "nobody is at the terminal to look at it", {
      help: "`--digest` with the call that was looked at, or `--yes`",
    });
  }
  shell.note(shown().join("\n"));
  const said = (await prompt(shell.terminal, `${what}? yes or no: `)).trim();
  if (said !== "yes") throw new Problem("invalid", "not answered with yes: nothing was changed");
  return true;
}
