import { line } from "./paint.ts";

/** The command that shows the receipt which an answer of the server names by its path. */
export function receiptCommand(path: string): string {
  return `countersign receipt ${line(path.split("/").at(-1) ?? "")}`;
}
