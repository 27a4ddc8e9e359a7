// Controls, format characters (bidi, zero width, tags, soft hyphen), separators, private, unassigned, surrogates,
// variation selectors, and blanks that are not the plain one.
const hidden =
  /\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\p{Co}|\p{Cn}|\p{Cs}|\p{Variation_Selector}|\u3164|\uffa0|\u115f|\u1160|\u2800|(?! )\p{Zs}/gu;

/** The text with every character that an eye cannot see, or that moves others, written as `\u{…}`. */
export function visible(text: string): string {
  return text.replace(hidden, (character) => `\\u{${character.codePointAt(0)?.toString(16).padStart(4, "0")}}`);
}
