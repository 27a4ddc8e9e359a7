import { loadPacks } from "../../catalog/index.ts";
import { Problem } from "../../floor/problem.ts";
import { check as checkFiles, read, type WorkspaceFiles, type WorkspaceProblem } from "../../workspace/index.ts";

/** Everything that is wrong with the workspace in a folder. Fails with `invalid` where there is none. */
export async function checkFolder(
  folder: string,
): Promise<{ problems: readonly WorkspaceProblem[]; files: WorkspaceFiles; digest: string | undefined }> {
  const found = await read(folder);
  if (found.problems.length > 0) return { problems: found.problems, files: found.files, digest: undefined };
  if (found.files["countersign.yaml"] === undefined) {
    throw new Problem("invalid", "there is no `countersign.yaml` here", {
      help: "`countersign init` makes a first workflow",
    });
  }
  const { problems, workspace: whole } = checkFiles(found.files, { packs: await loadPacks() });
  return { problems, files: found.files, digest: whole?.digest };
}
