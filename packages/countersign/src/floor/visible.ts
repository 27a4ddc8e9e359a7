import { seenAsText } from "@countersign/contract";

/**
 * Nothing in what this gives can hide: what controls or reorders is written out as its code, padding by its length, and
 * letters that pass for others are named behind their word. Lines and tabs stay.
 */
export function visible(value: string): string {
  return seenAsText(value);
}

/** Only what controls or reorders is written out, so that it can be stored anywhere: what a machine reads stays as it is else. */
export function storable(value: string): string {
  return value.toWellFormed().replace(/[^\P{C}\n\t]|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}/gu, (one) => {
    const code = one.codePointAt(0) ?? 0;
    return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
  });
}

/** The same on one line, for a title or a header. */
export function visibleLine(value: string): string {
  return visible(value.replace(/[\r\n\t]+/g, " ")).trim();
}

/** Text that may stand between HTML's tags and in its attributes. */
export function escapeHtml(value: string): string {
  return visible(value).replace(/[&<>"']/g, (one) => entities[one] ?? one);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
