import { line } from "./paint.ts";
import type { Shell } from "./shell.ts";

/** The command that shows the receipt which an answer of the server names by its path. */
export function receiptCommand(shell: Shell, path: string): string {
  return `${shell.called} receipt ${line(path.split("/").at(-1) ?? "")}`;
}
