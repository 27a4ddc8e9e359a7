import type { ErrorCode } from "yaml";
import type { Complaint } from "./finding.ts";

/** The parser's findings in our own words: its messages repeat what stands in the file. */
const complaints: { readonly [code in ErrorCode]: Complaint } = {
  ALIAS_PROPS: { message: "an alias (`*name`) is not accepted", help: "write the value out" },
  BAD_ALIAS: {
    message: "an alias or anchor is not accepted",
    help: "write the value out, or quote text that starts with `*` or `&`",
  },
  BAD_DIRECTIVE: {
    message: "a directive (`%…`) is not accepted",
    expected: "YAML 1.2 without directives",
    help: "delete the line",
  },
  BAD_DQ_ESCAPE: {
    message: "there is no such escape in a double-quoted text",
    help: "write `\\\\` for a backslash, or use single quotes",
  },
  BAD_INDENT: {
    message: "the indentation does not fit the lines above",
    expected: "the same number of spaces for things of one level",
  },
  BAD_PROP_ORDER: { message: "an anchor or tag is not accepted", help: "take it away" },
  BAD_SCALAR_START: { message: "a plain text cannot start with this character", help: "put the text in quotes" },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "a second `:` on one line, or a line that is indented too far",
    expected: "one `key: value` a line",
    help: "align the line with the one above, or put text that holds `: ` in quotes",
  },
  BLOCK_IN_FLOW: {
    message: "lines with `-` or `key:` cannot stand inside `[ ]` or `{ }`",
    help: "close the bracket, or write the list with commas",
  },
  DUPLICATE_KEY: { message: "a key is here twice", expected: "each key once" },
  IMPOSSIBLE: { message: "this is not YAML" },
  KEY_OVER_1024_CHARS: { message: "the key is longer than 1024 characters" },
  MISSING_CHAR: {
    message: "something is missing before this: a `:`, a `,`, a quote or a closing bracket",
    help: "close what was opened on this line or above",
  },
  MULTILINE_IMPLICIT_KEY: {
    message: "a key goes over more than one line",
    expected: "`key: value` on one line",
    help: "a `:` may be missing",
  },
  MULTIPLE_ANCHORS: { message: "an anchor (`&name`) is not accepted", help: "take it away" },
  MULTIPLE_DOCS: {
    message: "a second document starts here",
    expected: "one document a file",
    help: "put it in a file of its own",
  },
  MULTIPLE_TAGS: { message: "a tag (`!name`) is not accepted", help: "take it away" },
  NON_STRING_KEY: { message: "this key is not text", expected: "a name, then `:`" },
  RESOURCE_EXHAUSTION: { message: "this is nested too deeply", expected: "at most 32 levels" },
  TAB_AS_INDENT: { message: "a tab is used for indentation", expected: "spaces", help: "replace the tab with spaces" },
  TAG_RESOLVE_FAILED: {
    message: "a tag (`!name`) is not accepted",
    help: "take it away; quote text that starts with `!`",
  },
  UNEXPECTED_TOKEN: {
    message: "this does not belong here",
    help: "check quotes, brackets and indentation on this line and the one above",
  },
  BAD_COLLECTION_TYPE: { message: "a tag (`!name`) is not accepted", help: "take it away" },
};

const unclosed: Complaint = {
  message: "a `[` or `{` is not closed",
  expected: "`]` or `}`",
  help: "close it on this line or indent what follows",
};

export function syntaxComplaint(code: ErrorCode, parserMessage = ""): Complaint {
  // The parser uses one code for a list that is not indented and for one that never ends.
  if (code === "BAD_INDENT" && parserMessage.includes("end with a")) return unclosed;
  return complaints[code];
}
