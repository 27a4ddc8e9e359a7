import { canonical } from "@countersign/contract";
import { digestText } from "../floor/digest.ts";

/** The texts of a workspace by their path in its folder, with `/`. */
export type WorkspaceFiles = Readonly<Record<string, string>>;

/** More is refused. 1 MB a file, 500 files, 16 MB in all: parsing takes about a second for a hostile megabyte. */
export const limits = { fileBytes: 1_048_576, files: 500, totalBytes: 16_777_216 } as const;

export const organisationPath = "countersign.yaml";

export type FileKind = "organisation" | "workflow" | "tools" | "policy" | "invariants" | "tests";

const name = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}";
const forms: readonly (readonly [FileKind, RegExp])[] = [
  ["organisation", /^countersign\.yaml$/],
  ["workflow", new RegExp(`^workflows/${name}\\.yaml$`)],
  ["tools", new RegExp(`^tools/${name}\\.yaml$`)],
  ["policy", new RegExp(`^policies/${name}\\.cedar$`)],
  ["invariants", /^policies\/invariants\.yaml$/],
  ["tests", new RegExp(`^policies/${name}\\.test\\.yaml$`)],
];

/** What a file is by its path; undefined where it is not part of a workspace. */
export function kindOf(path: string): FileKind | undefined {
  return forms.find(([, form]) => form.test(path))?.[0];
}

/** `sha256:…` over every path and the digest of its exact text, whatever order they came in. */
export function digestFiles(files: WorkspaceFiles): string {
  return digestText(canonical(fileDigests(files).map(({ file, digest }) => [file, digest])));
}

export function fileDigests(files: WorkspaceFiles): { readonly file: string; readonly digest: string }[] {
  return Object.entries(files)
    .map(([file, text]) => ({ file, digest: digestText(text) }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}
