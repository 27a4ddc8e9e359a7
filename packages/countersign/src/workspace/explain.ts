import type { z } from "zod";
import { type Complaint, oneOf, type Path, problemAt, quoted, type WorkspaceProblem } from "./finding.ts";
import { nearest } from "./nearest.ts";
import { choicesAt, keysAt, memberValue, type Outline, outlinesAt } from "./outline.ts";
import type { SourceFile } from "./yaml.ts";

type Issue = z.core.$ZodIssue;

/** What a schema found wrong, in the file's own places and with what was probably meant. */
export function explain(source: SourceFile, outline: Outline, issues: readonly Issue[], most = 50): WorkspaceProblem[] {
  const problems: WorkspaceProblem[] = [];
  for (const issue of issues) {
    if (problems.length >= most) return problems;
    problems.push(...explainOne(source, outline, issue, []).slice(0, most - problems.length));
  }
  return problems;
}

function explainOne(source: SourceFile, outline: Outline, issue: Issue, above: Path): WorkspaceProblem[] {
  const path = [...above, ...issue.path.filter((step) => typeof step !== "symbol")];
  const report = (at: Path, complaint: Complaint, part: "value" | "key" = "value"): WorkspaceProblem =>
    problemAt(source.file, source.place(at, part), at, complaint);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys
        .slice(0, 50)
        .map((key) => report([...path, key], unknownKey(source, outline, path, key), "key"));
    case "invalid_key": {
      const key = String(path.at(-1));
      return [
        report(
          path,
          {
            message: `the name ${quoted(key)} is not accepted`,
            expected: "lower case letters, digits and `-`, a letter first",
          },
          "key",
        ),
      ];
    }
    case "invalid_union":
      return explainUnion(source, outline, issue, path);
    case "custom":
      return [report(path, customComplaint(source, outline, path, issue))];
    default:
      return [report(path, wrongValue(source, outline, path, issue))];
  }
}

/** Of the branches, the one that found least wrong, or all of them where none of them looks meant. */
function explainUnion(
  source: SourceFile,
  outline: Outline,
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
): WorkspaceProblem[] {
  const deep = issue.errors.filter(
    (branch) =>
      branch.length > 0 && branch.every((inner) => inner.path.length > 0 || inner.code === "unrecognized_keys"),
  );
  const [best] = deep.toSorted((a, b) => a.length - b.length);
  if (best !== undefined) return best.flatMap((inner) => explainOne(source, outline, inner, path));
  return [problemAt(source.file, source.place(path), path, wrongValue(source, outline, path, issue))];
}

/** A check of our own says what is wrong; one of a schema without descriptions says what was expected. */
function customComplaint(source: SourceFile, outline: Outline, path: Path, issue: z.core.$ZodIssueCustom): Complaint {
  const expected = expectedAt(source, outline, path);
  if (outlinesAt(outline, source.value, path).some((each) => each.description !== undefined)) {
    return { message: issue.message, expected, help: helpOf(issue) };
  }
  return { ...wrongValue(source, outline, path, issue), expected: issue.message };
}

function unknownKey(source: SourceFile, outline: Outline, path: Path, key: string): Complaint {
  const known = keysAt(outline, source.value, path);
  return {
    message: `the key ${quoted(key)} is not known here`,
    expected: oneOf(known, "key"),
    nearest: nearest(key, known),
  };
}

function wrongValue(source: SourceFile, outline: Outline, path: Path, issue: Issue): Complaint {
  const value = path.reduce<unknown>(memberValue, source.value);
  const last = path.at(-1);
  const expected = expectedAt(source, outline, path);
  if (value === undefined)
    return { message: last === undefined ? "the file is empty" : `${quoted(String(last))} is missing`, expected };
  if (value === null) return { message: last === undefined ? "the file is empty" : "nothing stands here", expected };
  const choices = choicesAt(outline, source.value, path);
  if (choices.length > 0 && typeof value !== "object") {
    return {
      message: `${quoted(String(value))} is not one of the choices`,
      expected,
      nearest: nearest(String(value), choices),
    };
  }
  if (issue.code === "too_big") return { message: `this is more than ${issue.maximum}`, expected };
  if (issue.code === "too_small")
    return { message: isEmpty(value) ? "this is empty" : `this is less than ${issue.minimum}`, expected };
  // A schema's own words for a form come as the message; those of the library start with `Invalid`.
  const ownWords = issue.code === "invalid_format" && !issue.message.startsWith("Invalid") ? issue.message : undefined;
  return { message: `${describe(value)} does not fit here`, expected: ownWords ?? expected };
}

function expectedAt(source: SourceFile, outline: Outline, path: Path): string | undefined {
  const found = outlinesAt(outline, source.value, path);
  const described = found.find((each) => each.description !== undefined)?.description;
  if (described !== undefined) return described;
  const choices = oneOf(choicesAt(outline, source.value, path));
  if (choices !== undefined) return choices;
  const keys = keysAt(outline, source.value, path);
  if (keys.length > 0) return `a map with ${oneOf(keys, "key")}`;
  const type = found.find((each) => each.type !== undefined)?.type;
  return type === undefined ? undefined : (typeWords[type] ?? type);
}

const typeWords: { readonly [type: string]: string } = {
  string: "text",
  array: "a list",
  object: "a map",
  integer: "a whole number",
  number: "a number",
  boolean: "`true` or `false`",
};

function describe(value: unknown): string {
  if (Array.isArray(value)) return value.length === 1 ? "a list of one" : `a list of ${value.length}`;
  if (typeof value === "object") return "a map";
  return quoted(String(value));
}

function isEmpty(value: unknown): boolean {
  return value === "" || (Array.isArray(value) && value.length === 0);
}

function helpOf(issue: z.core.$ZodIssueCustom): string | undefined {
  const help: unknown = issue.params?.help;
  return typeof help === "string" ? help : undefined;
}
