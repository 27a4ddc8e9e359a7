import type { Workspace, WorkspaceFiles, WorkspaceProblem } from "../workspace/index.ts";

const file = "countersign.yaml";
/** Members of a channel that name a secret. */
const naming = ["signing", "previous", "webhook", "bot", "credential"] as const;

/** Secrets that channels of notices name and that are not in the store: nothing would be told there, and nobody told so. */
export function missingSecrets(
  { organisation }: Pick<Workspace, "organisation">,
  files: WorkspaceFiles,
  kept: ReadonlySet<string>,
): readonly WorkspaceProblem[] {
  return organisation.notifications.flatMap((channel, at) =>
    naming.flatMap((member): readonly WorkspaceProblem[] => {
      const name: unknown = member in channel ? channel[member as never] : undefined;
      if (typeof name !== "string" || kept.has(name)) return [];
      return [
        {
          file,
          ...placeOf(files[file] ?? "", `${member}: ${name}`),
          path: `/notifications/${at}/${member}`,
          severity: "warning",
          message: `\`${channel.name}\` names the secret \`${name}\`, and there is none of that name: nothing can be told there until there is`,
          help: `keep it first: \`countersign secret put ${name}\``,
        },
      ];
    }),
  );
}

function placeOf(text: string, words: string): { readonly line: number; readonly column: number } {
  const at = text.indexOf(words);
  if (at < 0) return { line: 1, column: 1 };
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
