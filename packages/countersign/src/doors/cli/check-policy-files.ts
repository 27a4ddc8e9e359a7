import { loadPacks } from "../../catalog/index.ts";
import { checkPolicyTexts } from "../../governance/index.ts";
import { check, type WorkspaceFiles, type WorkspaceProblem } from "../../workspace/index.ts";
import { checkFolder } from "./check-folder.ts";

/** Everything that can be said of a folder's policies without a server. */
export async function checkPolicyFiles(
  folder: string,
): Promise<{ readonly problems: readonly WorkspaceProblem[]; readonly files: WorkspaceFiles }> {
  const { problems, files } = await checkFolder(folder);
  if (problems.some((one) => one.severity === "error")) return { problems, files };
  const { workspace } = check(files, { packs: await loadPacks() });
  const found = workspace === undefined ? [] : await checkPolicyTexts(workspace);
  return { problems: [...problems, ...found], files };
}
