import { constants, type Dirent } from "node:fs";
import { type FileHandle, open, readdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { Problem } from "../floor/problem.ts";
import { whereItBelongs } from "./check-texts.ts";
import { kindOf, limits, organisationPath, type WorkspaceFiles } from "./files.ts";
import { type Complaint, problemAt, type WorkspaceProblem } from "./finding.ts";

export interface ReadFiles {
  readonly files: WorkspaceFiles;
  /** What could not be read; where there is any, the files are not the whole workspace. */
  readonly problems: readonly WorkspaceProblem[];
}

/**
 * Reads the files of a workspace from its folder; other files of the repository are left alone. Links may not lead out
 * of the folder. Throws `not_found` where there is no folder.
 */
export async function read(folder: string): Promise<ReadFiles> {
  const root = await realpath(folder).catch((cause: unknown) => {
    throw new Problem("not_found", "there is no such workspace folder", {
      help: "`countersign init` makes one",
      cause,
    });
  });
  const files: Record<string, string> = {};
  const problems: WorkspaceProblem[] = [];
  const complain = (file: string, complaint: Complaint): void => {
    problems.push(problemAt(file, { line: 1, column: 1 }, [], complaint));
  };
  const paths = await listPaths(root, complain);
  let total = 0;
  for (const path of paths.slice(0, limits.files)) {
    const text = await readText(root, path);
    if (typeof text !== "string") complain(path, text);
    else files[path] = text;
    total += typeof text === "string" ? text.length : 0;
    if (total > limits.totalBytes) break;
  }
  if (paths.length > limits.files || total > limits.totalBytes) {
    complain(organisationPath, {
      message: "the workspace is too large",
      expected: `at most ${limits.files} files and ${limits.totalBytes} bytes`,
    });
  }
  return { files, problems };
}

async function listPaths(root: string, complain: (file: string, complaint: Complaint) => void): Promise<string[]> {
  const paths: string[] = [];
  const atTop = await readdir(root);
  if (atTop.includes(organisationPath)) paths.push(organisationPath);
  else if (atTop.includes("countersign.yml"))
    complain("countersign.yml", {
      message: "this file is not read",
      expected: "`countersign.yaml`",
      help: "rename it",
    });
  for (const folder of ["workflows", "tools", "policies"]) {
    for (const entry of await entriesOf(join(root, folder))) {
      const path = `${folder}/${entry.name}`;
      if (kindOf(path) !== undefined && !entry.isDirectory()) paths.push(path);
      else if (!isBeside(entry))
        complain(path, {
          message: "this file is not read",
          ...whereItBelongs(path),
          help: "rename it, or move it out of the folder",
        });
    }
  }
  return paths.sort();
}

/** What may lie beside workspace files and is not one: a note for people, a hidden file, tests of policies. */
function isBeside(entry: Dirent): boolean {
  return (
    /^(\.|README)/.test(entry.name) || entry.name.endsWith(".md") || (entry.isDirectory() && entry.name === "tests")
  );
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    // A folder that is not there has no files; one that cannot be read must not look empty.
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return [];
    throw new Problem("unavailable", "a folder of the workspace cannot be read", {
      help: "look at its permissions",
      cause: thrown,
    });
  }
}

/** The text, or why there is none. */
async function readText(root: string, path: string): Promise<string | Complaint> {
  try {
    const real = await realpath(join(root, path));
    if (!real.startsWith(root + sep))
      return { message: "this link leads out of the workspace", expected: "a file inside the folder" };
    // Without O_NONBLOCK, opening a named pipe would wait for its writer for ever.
    await using file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) return { message: "this is not a file" };
    const bytes = await readUpTo(file, limits.fileBytes + 1);
    if (bytes.length > limits.fileBytes)
      return { message: "the file is too large", expected: `at most ${limits.fileBytes} bytes` };
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (thrown) {
    if (thrown instanceof TypeError) return { message: "the file is not UTF-8 text", expected: "UTF-8" };
    return { message: "the file cannot be read", help: "look at its permissions" };
  }
}

/** Reads until the end or `most` bytes, whatever size the file said it has. */
async function readUpTo(file: FileHandle, most: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(most);
  let length = 0;
  while (length < most) {
    const { bytesRead } = await file.read(buffer, length, most - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
