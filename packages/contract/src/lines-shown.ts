import { isBlank, unseen } from "./seen.ts";

/** A line of a difference as it is shown, or one that stands for several in a row. */
export interface LineShown {
  /** `-` gone, `+` new, `…` left out, or a space. */
  readonly sign: string;
  readonly text: string;
  /** How many lines in a row it stands for, in angle brackets; absent for one. */
  readonly note?: string;
  readonly count: number;
}

const fewest = 6;

/** Lines of a difference so that none pushes others away: six or more in a row that are empty, or say the same, are one. Pure. */
export function linesShown(lines: readonly string[]): readonly LineShown[] {
  const shown: LineShown[] = [];
  for (let at = 0; at < lines.length; ) {
    const { sign, text } = partsOf(lines[at] ?? "");
    const isEmpty = isBlank(text);
    let [end, isSeen] = [at + 1, true];
    for (; end < lines.length; end++) {
      const next = partsOf(lines[end] ?? "");
      if (next.sign !== sign || !(isEmpty ? isBlank(next.text) : next.text === text)) break;
    }
    const count = end - at;
    if (count < fewest) {
      for (; at < end; at++) shown.push({ ...partsOf(lines[at] ?? ""), count: 1 });
      continue;
    }
    if (isEmpty) isSeen = lines.slice(at, end).every((line) => /^\s*$/u.test(partsOf(line).text));
    shown.push({
      sign,
      text: isEmpty ? "" : text,
      note: isEmpty ? `⟨${count} empty lines${isSeen ? "" : unseen}⟩` : `⟨${count} lines that say this⟩`,
      count,
    });
    at = end;
  }
  return shown;
}

/** The same as texts of one line each. */
export function linesAsText(lines: readonly string[]): readonly string[] {
  return linesShown(lines).map(({ sign, text, note = "" }) => `${sign} ${text}${note}`.trimEnd());
}

function partsOf(line: string): { readonly sign: string; readonly text: string } {
  return { sign: line.slice(0, 1), text: line.slice(2) };
}

/** As many of the lines as so many rows and characters hold; the last may be cut. What is left is counted. Pure. */
export function pageOf(
  all: readonly LineShown[],
  most: { readonly rows: number; readonly characters: number },
): { readonly rows: readonly LineShown[]; readonly lines: number; readonly characters: number } {
  const rows: LineShown[] = [];
  let [room, lines, characters] = [most.characters, 0, 0];
  for (const line of all) {
    const { text } = line;
    if (rows.length >= most.rows || room <= 0) {
      lines += line.count;
      characters += text.length;
      continue;
    }
    rows.push(text.length <= room ? line : { ...line, text: text.slice(0, room) });
    characters += Math.max(0, text.length - room);
    room -= text.length + 1;
  }
  return { rows, lines, characters };
}
