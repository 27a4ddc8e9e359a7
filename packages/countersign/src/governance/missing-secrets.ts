import type { Workspace, WorkspaceFiles, WorkspaceProblem } from "../workspace/index.ts";

const file = "countersign.yaml";
/** Members of a channel that name a secret. */
const naming = ["signing", "previous", "webhook", "bot", "credential"] as const;

/**
 * Secrets that channels of notices name and that are not in the store: nothing would be told there, and nobody told so.
 * INVARIANT: without `kept`, which is for whoever may keep secrets, it says nothing that the files do not: a name in them
 * is a guess.
 */
export function missingSecrets(
  { organisation }: Pick<Workspace, "organisation">,
  files: WorkspaceFiles,
  kept: ReadonlySet<string> | undefined,
): readonly WorkspaceProblem[] {
  const named = organisation.notifications.flatMap((channel, at) =>
    secretsOfChannel(channel).map((one) => ({ channel: channel.name, at, ...one })),
  );
  const warned = ({ at, member, name }: (typeof named)[number], message: string, help: string): WorkspaceProblem => ({
    file,
    ...placeOf(files[file] ?? "", `${member}: ${name}`),
    path: `/notifications/${at}/${member}`,
    severity: "warning",
    message,
    help,
  });
  if (kept === undefined)
    return named
      .slice(0, 1)
      .map((one) =>
        warned(
          one,
          "channels name secrets, and you are not told whether they are kept: that is for `operator`, `admin`",
          "have one of them run `countersign plan` before it is in force",
        ),
      );
  return named
    .filter(({ name }) => !kept.has(name))
    .map((one) =>
      warned(
        one,
        `\`${one.channel}\` names the secret \`${one.name}\`, and there is none of that name: nothing can be told there until there is`,
        `keep it first: \`countersign secret put ${one.name}\``,
      ),
    );
}

/** The secrets that a channel of notices names, each with the member that names it. */
export function secretsOfChannel(
  channel: Workspace["organisation"]["notifications"][number],
): readonly { readonly member: string; readonly name: string }[] {
  return naming.flatMap((member) => {
    const name: unknown = member in channel ? channel[member as never] : undefined;
    return typeof name === "string" ? [{ member, name }] : [];
  });
}

function placeOf(text: string, words: string): { readonly line: number; readonly column: number } {
  const at = text.indexOf(words);
  if (at < 0) return { line: 1, column: 1 };
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
