import { findCredentials, findReferences, placeIn } from "./credentials.ts";
import { kindOf, limits, organisationPath, type WorkspaceFiles } from "./files.ts";
import { problemAt, quoted, type WorkspaceProblem } from "./finding.ts";
import { nearest } from "./nearest.ts";

const top = { line: 1, column: 1 };

/** What can be said of the set of files before any is read: sizes, numbers, and paths that are not part of a workspace. */
export function checkSet(files: WorkspaceFiles): WorkspaceProblem[] {
  const paths = Object.keys(files);
  const problems: WorkspaceProblem[] = [];
  if (!Object.hasOwn(files, organisationPath)) {
    problems.push(
      problemAt(organisationPath, top, [], {
        message: "the file is missing",
        expected: "the organisation, its people, agents and environments",
        help: "`countersign init` writes one",
      }),
    );
  }
  if (paths.length > limits.files)
    problems.push(
      problemAt(organisationPath, top, [], {
        message: `there are ${paths.length} files`,
        expected: `at most ${limits.files}`,
      }),
    );
  const total = paths.reduce((sum, path) => sum + (files[path]?.length ?? 0), 0);
  if (total > limits.totalBytes)
    problems.push(
      problemAt(organisationPath, top, [], {
        message: "the files together are too large",
        expected: `at most ${limits.totalBytes} bytes`,
      }),
    );
  for (const path of paths.slice(0, limits.files)) {
    if (kindOf(path) === undefined)
      problems.push(
        problemAt(quoted(path).slice(1, -1), top, [], {
          message: "this file is not part of a workspace",
          ...whereItBelongs(path),
        }),
      );
    else if (Buffer.byteLength(files[path] ?? "") > limits.fileBytes)
      problems.push(
        problemAt(path, top, [], { message: "the file is too large", expected: `at most ${limits.fileBytes} bytes` }),
      );
  }
  return problems;
}

const folders = ["workflows", "tools", "policies"];

/** A guardrail in a file that nobody reads protects nothing, so a file that is nearly right is an error. */
export function whereItBelongs(path: string): { readonly expected: string; readonly nearest?: string | undefined } {
  const expected =
    "`countersign.yaml`, `workflows/*.yaml`, `tools/*.yaml`, `policies/*.cedar`, `policies/*.test.yaml` or `policies/invariants.yaml`";
  const [folder = "", rest] = path.split("/", 2);
  if (rest === undefined) return { expected, nearest: nearest(path, [organisationPath]) };
  const meant = path.replace(/\.yml$/, ".yaml").replace(folder, nearest(folder, folders) ?? folder);
  return { expected, nearest: meant !== path && kindOf(meant) !== undefined ? meant : undefined };
}

// Control characters, and those that make text look different from what it is (CVE-2021-42574).
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069\u200b\u2028\u2029]/;

/** What may stand in no file, whatever its kind: credentials, references to secrets, characters that hide. */
export function checkText(file: string, text: string): WorkspaceProblem[] {
  const found = [...findCredentials(file, text), ...findReferences(file, text)];
  const at = text.search(hidden);
  if (at >= 0) {
    const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
    found.push(
      problemAt(file, placeIn(text, at), [], {
        message: `a hidden character (U+${code}) stands here`,
        expected: "text that looks like what it is",
        help: "delete the character",
      }),
    );
  }
  return found;
}
