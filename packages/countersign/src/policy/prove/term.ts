/** A statement, shared: the same statement of one `Terms` is the same value. */
export interface Formula {
  readonly id: number;
  readonly op: "true" | "false" | "atom" | "not" | "and" | "or";
  readonly of: readonly Formula[];
  /** Of an atom: what it says, in SMT-LIB. */
  readonly text: string;
}

/** An integer or a text, as SMT-LIB writes it. */
export interface Term {
  readonly sort: "Int" | "String";
  readonly text: string;
  readonly constant?: bigint | string;
}

/** Makes statements and keeps what they are made of; what can be said at once is said at once. */
export class Terms {
  readonly yes: Formula = { id: 0, op: "true", of: [], text: "true" };
  readonly no: Formula = { id: 1, op: "false", of: [], text: "false" };
  readonly #known = new Map<string, Formula>();
  readonly #lines: string[] = [];
  #names = 0;

  /** Declarations and definitions, in an order that a solver can read. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  fresh(): Formula {
    return this.atom(this.declare("Bool"));
  }

  declare(sort: "Bool" | "Int" | "String"): string {
    const name = `v${this.#names++}`;
    this.#lines.push(`(declare-const ${name} ${sort})`);
    return name;
  }

  declareSet(of: "Int" | "String"): string {
    const name = `s${this.#names++}`;
    this.#lines.push(`(declare-fun ${name} (${of}) Bool)`);
    return name;
  }

  atom(text: string): Formula {
    return this.#one("atom", [], text);
  }

  not(one: Formula): Formula {
    if (one.op === "true") return this.no;
    if (one.op === "false") return this.yes;
    const [inner = this.no] = one.of;
    return one.op === "not" ? inner : this.#one("not", [one]);
  }

  readonly and = (...all: readonly Formula[]): Formula => this.#join("and", all, this.yes, this.no);

  readonly or = (...all: readonly Formula[]): Formula => this.#join("or", all, this.no, this.yes);

  implies(one: Formula, other: Formula): Formula {
    return this.or(this.not(one), other);
  }

  iff(one: Formula, other: Formula): Formula {
    return this.and(this.implies(one, other), this.implies(other, one));
  }

  ifElse(test: Formula, one: Formula, other: Formula): Formula {
    return this.or(this.and(test, one), this.and(this.not(test), other));
  }

  /** A statement as it can stand in another text. */
  say(one: Formula): string {
    const [inner = this.no] = one.of;
    if (one.op === "not") return `(not ${this.say(inner)})`;
    return one.op === "and" || one.op === "or" ? `b${one.id}` : one.text;
  }

  equal(one: Term, other: Term): Formula {
    if (one.text === other.text) return this.yes;
    if (one.constant !== undefined && other.constant !== undefined) return this.no;
    const [first, second] = one.text < other.text ? [one, other] : [other, one];
    return this.atom(`(= ${first.text} ${second.text})`);
  }

  /** One atom for `x < 2`, `x <= 1`, `2 > x` and their opposites, so that they are known to be the same. */
  less(one: Term, other: Term): Formula {
    const [left, right] = [one.constant, other.constant];
    if (typeof left === "bigint" && typeof right === "bigint") return left < right ? this.yes : this.no;
    if (typeof right === "bigint") return this.atom(`(<= ${one.text} ${integer(right - 1n)})`);
    if (typeof left === "bigint") return this.not(this.atom(`(<= ${other.text} ${integer(left)})`));
    return one.text === other.text ? this.no : this.atom(`(< ${one.text} ${other.text})`);
  }

  lessEqual(one: Term, other: Term): Formula {
    return this.not(this.less(other, one));
  }

  choose(test: Formula, one: Term, other: Term): Term {
    if (test.op === "true" || one.text === other.text) return one;
    if (test.op === "false") return other;
    return { sort: one.sort, text: `(ite ${this.say(test)} ${one.text} ${other.text})` };
  }

  #join(op: "and" | "or", all: readonly Formula[], neutral: Formula, decisive: Formula): Formula {
    const parts = new Map<number, Formula>();
    for (const one of all.flatMap((each) => (each.op === op ? each.of : [each]))) {
      if (one === decisive) return decisive;
      if (one !== neutral) parts.set(one.id, one);
    }
    for (const one of parts.values()) if (parts.has(this.not(one).id)) return decisive;
    const [first, ...more] = [...parts.values()].sort((a, b) => a.id - b.id);
    if (first === undefined) return neutral;
    return more.length === 0 ? first : this.#one(op, [first, ...more]);
  }

  #one(op: Formula["op"], of: readonly Formula[], text = ""): Formula {
    const key = `${op} ${text} ${of.map((one) => one.id).join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made: Formula = { id: this.#known.size + 2, op, of, text };
    this.#known.set(key, made);
    if (op === "and" || op === "or")
      this.#lines.push(`(define-fun b${made.id} () Bool (${op} ${of.map((one) => this.say(one)).join(" ")}))`);
    return made;
  }
}

export function integer(value: bigint): string {
  return value < 0n ? `(- ${-value})` : `${value}`;
}

export function int(value: bigint | number): Term {
  const constant = BigInt(value);
  return { sort: "Int", text: integer(constant), constant };
}

export function str(value: string): Term {
  return { sort: "String", text: quote(value), constant: value };
}

/** A text as SMT-LIB 2.6 writes it: printable ASCII, the rest by its code point. */
function quote(value: string): string {
  let text = "";
  for (const sign of value) {
    const code = Number(sign.codePointAt(0));
    text += code >= 0x20 && code < 0x7f && sign !== '"' && sign !== "\\" ? sign : `\\u{${code.toString(16)}}`;
  }
  return `"${text}"`;
}
