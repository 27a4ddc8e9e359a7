/** The second member of each pair of `((term value) …)`. */
export function readValues(text: string): readonly string[] | undefined {
  const all = parts(text);
  const pairs = all?.length === 1 ? inside(all[0]) : undefined;
  if (pairs === undefined) return undefined;
  const values: string[] = [];
  for (const pair of pairs) {
    const both = inside(pair);
    const value = both?.[1];
    if (value === undefined || both?.length !== 2) return undefined;
    values.push(value);
  }
  return values;
}

/** The expressions in a list; undefined where it is none. */
function inside(list: string | undefined): readonly string[] | undefined {
  return list?.startsWith("(") === true ? parts(list.slice(1, -1)) : undefined;
}

/** The expressions that stand in a text one after another; undefined where it is no such text. */
function parts(text: string): readonly string[] | undefined {
  const found: string[] = [];
  const sign = /\s*(?:("(?:[^"]|"")*")|(\|[^|]*\|)|([()])|([^\s()"|]+))/y;
  let [depth, start] = [0, 0];
  for (sign.lastIndex = 0; text.slice(sign.lastIndex).trim() !== ""; ) {
    const at = sign.lastIndex;
    const match = sign.exec(text);
    if (match === null) return undefined;
    if (depth === 0) start = at;
    if (match[3] === "(") depth++;
    if (match[3] === ")") depth--;
    if (depth === 0) found.push(text.slice(start, sign.lastIndex).trim());
  }
  return depth === 0 ? found : undefined;
}
