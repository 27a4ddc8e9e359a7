/**
 * Regular expressions without backtracking: the pattern becomes a Thompson automaton whose states advance together, so
 * the work is at most states times characters whatever the pattern. Only `test` is needed. Look-around and
 * back-references have no such form and are refused.
 */
export interface LinearRegExp {
  test(text: string): boolean;
}

export class UnsupportedPattern extends Error {
  override readonly name = "UnsupportedPattern";
}

const mostStates = 4_000;
const mostNesting = 64;
/** States visited in one `test`, a second or so at worst. */
const mostWork = 5_000_000;

type Node =
  | { readonly kind: "char"; readonly fits: (char: string) => boolean }
  | { readonly kind: "assert"; readonly holds: (chars: readonly string[], at: number) => boolean }
  | { readonly kind: "all"; readonly parts: readonly Node[] }
  | { readonly kind: "any"; readonly parts: readonly Node[] }
  | { readonly kind: "repeat"; readonly part: Node; readonly least: number; readonly most: number };

type State =
  | { readonly kind: "char"; readonly fits: (char: string) => boolean; next: number }
  | { readonly kind: "assert"; readonly holds: (chars: readonly string[], at: number) => boolean; next: number }
  | { readonly kind: "split"; next: number; other: number }
  | { readonly kind: "match" };

export function linearRegExp(source: string): LinearRegExp {
  const states: State[] = [];
  const entry = build(parse(source), push(states, { kind: "match" }), states);
  return { test: (text) => run(states, entry, [...text]) };
}

function run(states: readonly State[], entry: number, chars: readonly string[]): boolean {
  let current: number[] = [];
  let work = 0;
  let marks = new Int32Array(states.length).fill(-1);
  let nextMarks = new Int32Array(states.length).fill(-1);
  const reach = (list: number[], marked: Int32Array, from: number, at: number): boolean => {
    const open = [from];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (marked[id] === at) continue;
      marked[id] = at;
      const state = states[id];
      if (state === undefined) continue;
      if (state.kind === "match") return true;
      if (state.kind === "char") list.push(id);
      else if (state.kind === "split") open.push(state.next, state.other);
      else if (state.holds(chars, at)) open.push(state.next);
    }
    return false;
  };
  for (let at = 0; at <= chars.length; at++) {
    // The pattern may begin anywhere, as `test` has it.
    if (reach(current, marks, entry, at)) return true;
    const char = chars[at];
    if (char === undefined) return false;
    work += current.length + 1;
    if (work > mostWork) throw new UnsupportedPattern("too much work");
    const following: number[] = [];
    for (const id of current) {
      const state = states[id];
      if (state?.kind === "char" && state.fits(char) && reach(following, nextMarks, state.next, at + 1)) return true;
    }
    current = following;
    [marks, nextMarks] = [nextMarks, marks];
  }
  return false;
}

function push(states: State[], state: State): number {
  if (states.length >= mostStates) throw new UnsupportedPattern("too many states");
  return states.push(state) - 1;
}

function build(node: Node, next: number, states: State[]): number {
  switch (node.kind) {
    case "char":
      return push(states, { kind: "char", fits: node.fits, next });
    case "assert":
      return push(states, { kind: "assert", holds: node.holds, next });
    case "all":
      return node.parts.reduceRight((after, part) => build(part, after, states), next);
    case "any":
      return node.parts
        .map((part) => build(part, next, states))
        .reduceRight((other, first) => push(states, { kind: "split", next: first, other }));
    case "repeat":
      return buildRepeat(node, next, states);
  }
}

function buildRepeat(node: Extract<Node, { kind: "repeat" }>, next: number, states: State[]): number {
  let after = next;
  if (node.most === Number.POSITIVE_INFINITY) {
    const loop = push(states, { kind: "split", next, other: next });
    const body = build(node.part, loop, states);
    const split = states[loop];
    if (split?.kind === "split") split.other = body;
    after = loop;
  } else {
    for (let n = node.least; n < node.most; n++) {
      const body = build(node.part, after, states);
      after = push(states, { kind: "split", next: body, other: next });
    }
  }
  for (let n = 0; n < node.least; n++) after = build(node.part, after, states);
  return after;
}

const isWord = (char: string | undefined): boolean => char !== undefined && /^\w$/.test(char);

function parse(source: string): Node {
  const chars = [...source];
  let at = 0;
  let depth = 0;

  function alternatives(): Node {
    if (++depth > mostNesting) throw new UnsupportedPattern("nested too deep");
    const parts = [sequence()];
    while (chars[at] === "|") {
      at++;
      parts.push(sequence());
    }
    depth--;
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: "any", parts };
  }

  function sequence(): Node {
    const parts: Node[] = [];
    while (at < chars.length && chars[at] !== "|" && chars[at] !== ")") parts.push(quantified(atom()));
    return { kind: "all", parts };
  }

  function quantified(part: Node): Node {
    const rest = chars.slice(at, at + 16).join("");
    const found = /^(?:([*+?])|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})\??/.exec(rest);
    if (found === null) return part;
    at += found[0].length;
    const [, sign, least, comma, most] = found;
    if (sign !== undefined)
      return { kind: "repeat", part, least: sign === "+" ? 1 : 0, most: sign === "?" ? 1 : Number.POSITIVE_INFINITY };
    const low = Number(least);
    return {
      kind: "repeat",
      part,
      least: low,
      most: comma === undefined ? low : most === undefined ? Number.POSITIVE_INFINITY : Number(most),
    };
  }

  function atom(): Node {
    const char = chars[at++] ?? "";
    if (char === "(") return group();
    if (char === "[") return { kind: "char", fits: charSet(bracket()) };
    if (char === "\\") return afterBackslash();
    if (char === "^") return { kind: "assert", holds: (_, place) => place === 0 };
    if (char === "$") return { kind: "assert", holds: (text, place) => place === text.length };
    if (char === ".") return { kind: "char", fits: (other) => !/^[\n\r\u2028\u2029]$/.test(other) };
    if ("*+?".includes(char)) throw new UnsupportedPattern("nothing to repeat");
    return { kind: "char", fits: (other) => other === char };
  }

  function group(): Node {
    if (chars[at] === "?") {
      const found = /^\?(?::|<[A-Za-z_]\w*>)/.exec(chars.slice(at, at + 64).join(""));
      if (found === null) throw new UnsupportedPattern("look-around");
      at += found[0].length;
    }
    const inside = alternatives();
    if (chars[at++] !== ")") throw new UnsupportedPattern("unclosed group");
    return inside;
  }

  function bracket(): string {
    const from = at - 1;
    for (; at < chars.length && (chars[at] !== "]" || at === from + 1); at++) if (chars[at] === "\\") at++;
    return chars.slice(from, ++at).join("");
  }

  function afterBackslash(): Node {
    const kind = chars[at++] ?? "";
    if (kind === "b" || kind === "B") {
      return {
        kind: "assert",
        holds: (text, place) => (isWord(text[place - 1]) !== isWord(text[place])) === (kind === "b"),
      };
    }
    if (/[1-9k]/.test(kind)) throw new UnsupportedPattern("back-reference");
    const tail = /^(?:[pP]\{[^}]{1,64}\}|u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z])/.exec(
      kind + chars.slice(at, at + 68).join(""),
    );
    if (tail !== null) at += tail[0].length - 1;
    return { kind: "char", fits: charSet(`\\${tail?.[0] ?? kind}`) };
  }

  const whole = alternatives();
  if (at < chars.length) throw new UnsupportedPattern("unbalanced");
  return whole;
}

/** One character against a class, by the engine itself: one character cannot make it backtrack. */
function charSet(source: string): (char: string) => boolean {
  const one = exact(source);
  const seen = new Map<string, boolean>();
  return (char) => {
    const known = seen.get(char);
    if (known !== undefined) return known;
    const fits = one.test(char);
    if (seen.size < 512) seen.set(char, fits);
    return fits;
  };
}

function exact(source: string): RegExp {
  try {
    return new RegExp(`^${source}$`, "u");
  } catch {
    try {
      return new RegExp(`^${source}$`);
    } catch {
      throw new UnsupportedPattern("class");
    }
  }
}
