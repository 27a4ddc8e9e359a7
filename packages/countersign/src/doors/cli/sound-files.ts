import { Problem } from "../../floor/problem.ts";
import type { WorkspaceFiles } from "../../workspace/files.ts";
import type { Shell } from "./shell.ts";

/** A folder's files, once their policies could be read here: a fault is told before the server is asked. */
export async function soundFiles(shell: Shell, folder: string | undefined): Promise<WorkspaceFiles> {
  const { checkPolicyFiles } = await import("./check-policy-files.ts");
  const { problems, files } = await checkPolicyFiles(shell.folder(folder));
  const wrong = problems.find((one) => one.severity === "error");
  if (wrong === undefined) return files;
  const at = `${wrong.file}:${wrong.line}:${wrong.column}`;
  throw new Problem("invalid", wrong.message, { at, help: "run `countersign policy check`" });
}
