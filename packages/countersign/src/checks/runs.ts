import type { Span } from "./view.ts";

export interface Runs {
  readonly base64: readonly Span[];
  readonly hex: readonly Span[];
}

const shortestBase64 = 20;
const shortestHex = 24;
const hexBit = 1;
const base64Bit = 2;

const kinds = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  if (/[0-9A-Fa-f]/.test(char)) kinds[code] = hexBit | base64Bit;
  else if (/[A-Za-z0-9+/_-]/.test(char)) kinds[code] = base64Bit;
}

const lineBreak = /(?:\r?\n|\\r?\\?n)[ \t]*/y;
const lastLine = /(?:\r?\n|\\n)[ \t]*[A-Za-z0-9+/_-]{1,76}={0,2}/y;

/** Stretches of a text that may be base64 or hex, in one pass; base64 broken over lines is one stretch. */
export function findRuns(text: string): Runs {
  const base64: Span[] = [];
  const hex: Span[] = [];
  let base64From = 0;
  let hexFrom = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 0;
    const kind = code < 128 ? (kinds[code] ?? 0) : 0;
    if ((kind & hexBit) === 0) {
      if (i - hexFrom >= shortestHex) hex.push([hexFrom, i - ((i - hexFrom) % 2)]);
      hexFrom = i + 1;
    }
    if ((kind & base64Bit) === 0) {
      if (i - base64From >= shortestBase64) base64.push([base64From, i + paddingAt(text, i)]);
      base64From = i + 1;
    }
  }
  return { base64: base64.length === 0 ? base64 : joinLines(text, base64), hex };
}

function paddingAt(text: string, i: number): number {
  return text.charCodeAt(i) !== 61 ? 0 : text.charCodeAt(i + 1) !== 61 ? 1 : 2;
}

/** MIME and PEM break base64 every 60 to 76 characters; the last line may be short. */
function joinLines(text: string, runs: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (let i = 0; i < runs.length; i++) {
    const run = runs[i];
    if (run === undefined) continue;
    joined.push(run);
    let [, end] = run;
    let length = end - run[0];
    while (length >= 60) {
      lineBreak.lastIndex = end;
      const next = runs[i + 1];
      const gap = lineBreak.exec(text);
      if (gap === null) break;
      if (next === undefined || next[0] !== end + gap[0].length) {
        lastLine.lastIndex = end;
        end += lastLine.exec(text)?.[0].length ?? 0;
        break;
      }
      [, end] = next;
      length = end - next[0];
      i++;
    }
    if (end !== run[1]) joined.push([run[0], end]);
  }
  return joined;
}
