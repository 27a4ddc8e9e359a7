import type { CedarValueJson, EntityJson, Expr, PolicyJson, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";
import type { CedarRequest } from "../../packages/countersign/src/policy/request.ts";
import type { Random } from "./random.ts";

const kinds = [
  "bool",
  "long",
  "string",
  "entity",
  "set",
  "record",
  "ipaddr",
  "decimal",
  "datetime",
  "duration",
] as const;
type Kind = (typeof kinds)[number];

const strings = ["", "a", "b", "ab", "a*b", "aab", "b\\c", "ä", "𝒳y", "__proto__", "a.b@c", "line\nbreak"];
const names = ["b", "n", "s", "e", "set", "r", "ip", "d", "t", "l", "__proto__", "toString", "x y"] as const;
const longs = [0, 1, -1, 2, 3, 7, 10, 100, 4096, 2 ** 31, -(2 ** 40), 3_037_000_500, 2 ** 53 - 1, -(2 ** 53 - 1)];
const types = ["User", "Group", "Ns::Doc"];
const ids = ["a", "b", "c", ""];
const ips = [
  "127.0.0.1",
  "127.3.0.0/8",
  "10.0.0.1",
  "10.0.0.0/8",
  "10.0.0.0/24",
  "0.0.0.0/0",
  "224.0.0.1",
  "224.0.0.0/3",
  "::1",
  "::1/64",
  "ff00::2",
  "ff00::/7",
  "2001:db8::",
  "2001:db8:0:1::/64",
  "fe80::1:2/10",
];
const badIps = [
  "",
  "1.2.3",
  "1.2.3.04",
  "1.2.3.4/33",
  "1.2.3.4/08",
  "::1/129",
  "::ffff:1.2.3.4",
  "fe80::1%eth0",
  "1.2.3.4/",
  "a::b::c",
  "1.2.3.4/1/1",
  "12345::",
];
const decimals = [
  "0.0",
  "1.0",
  "1.00",
  "-1.5",
  "3.1415",
  "-0.0001",
  "922337203685477.5807",
  "-922337203685477.5808",
  "12.3400",
];
const badDecimals = ["1", "1.", ".5", "1.23456", "+1.0", "922337203685477.5808", "1e3", "--1.0", " 1.0"];
const datetimes = [
  "1970-01-01",
  "2024-02-29",
  "2024-02-29T12:30:00Z",
  "2024-02-29T12:30:00.123Z",
  "1969-12-31T23:59:59.999Z",
  "2024-01-01T00:00:00+0100",
  "2024-01-01T00:00:00.500-2359",
  "0000-01-01",
  "9999-12-31T23:59:59Z",
];
const badDatetimes = [
  "2023-02-29",
  "2024-13-01",
  "2024-01-01T24:00:00Z",
  "2024-01-01T00:60:00Z",
  "2024-01-01T00:00:60Z",
  "2024-01-01T00:00:00",
  "2024-01-01T00:00:00.5Z",
  "2024-01-01T00:00:00+2400",
  "2024-01-01T00:00:00+0060",
  "24-01-01",
  "2024-1-1",
  "2024-00-10",
  "2024-01-00",
  "2024-01-01Z",
];
const durations = [
  "0ms",
  "1ms",
  "-1ms",
  "1d",
  "1h30m",
  "2d3h4m5s6ms",
  "-90m",
  "36h",
  "9223372036854775807ms",
  "-9223372036854775808ms",
  "5s",
  "1m1ms",
];
const badDurations = [
  "",
  "-",
  "1",
  "1x",
  "1h1d",
  "1d1d",
  "9223372036854775808ms",
  "106751991168d",
  "+1h",
  "1 h",
  "1.5h",
];

/** What a function of Cedar takes and gives: the way to every operator of the language. */
const functions: { readonly [name: string]: { readonly takes: readonly Kind[]; readonly gives: Kind } } = {
  ip: { takes: ["string"], gives: "ipaddr" },
  decimal: { takes: ["string"], gives: "decimal" },
  datetime: { takes: ["string"], gives: "datetime" },
  duration: { takes: ["string"], gives: "duration" },
  isIpv4: { takes: ["ipaddr"], gives: "bool" },
  isIpv6: { takes: ["ipaddr"], gives: "bool" },
  isLoopback: { takes: ["ipaddr"], gives: "bool" },
  isMulticast: { takes: ["ipaddr"], gives: "bool" },
  isInRange: { takes: ["ipaddr", "ipaddr"], gives: "bool" },
  lessThan: { takes: ["decimal", "decimal"], gives: "bool" },
  lessThanOrEqual: { takes: ["decimal", "decimal"], gives: "bool" },
  greaterThan: { takes: ["decimal", "decimal"], gives: "bool" },
  greaterThanOrEqual: { takes: ["decimal", "decimal"], gives: "bool" },
  offset: { takes: ["datetime", "duration"], gives: "datetime" },
  durationSince: { takes: ["datetime", "datetime"], gives: "duration" },
  toDate: { takes: ["datetime"], gives: "datetime" },
  toTime: { takes: ["datetime"], gives: "duration" },
  toMilliseconds: { takes: ["duration"], gives: "long" },
  toSeconds: { takes: ["duration"], gives: "long" },
  toMinutes: { takes: ["duration"], gives: "long" },
  toHours: { takes: ["duration"], gives: "long" },
  toDays: { takes: ["duration"], gives: "long" },
};

const literals = {
  ipaddr: ["ip", ips, badIps],
  decimal: ["decimal", decimals, badDecimals],
  datetime: ["datetime", datetimes, badDatetimes],
  duration: ["duration", durations, badDurations],
} as const;

/** A policy, and where it is a template what is to stand in its slots. */
export interface GeneratedPolicy {
  readonly id: string;
  readonly syntax: PolicyJson;
  readonly slots?: { readonly [slot: string]: TypeAndId };
}

/** Makes policies and requests over one small world, so that they often meet; now and then of the wrong type. */
export class Generator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** `permits` is the share of permits. Where all have one effect, each shows in the answer whether it holds. */
  policy(id: string, permits: number): GeneratedPolicy {
    const random = this.#random;
    const isWide = random.chance(0.7);
    const slots: { [slot: string]: TypeAndId } = {};
    const referred = (slot: "?principal" | "?resource") => {
      if (!random.chance(0.15)) return { entity: this.#uid() };
      slots[slot] = this.#uid();
      return { slot };
    };
    const scope = (slot: "?principal" | "?resource") =>
      random.pick([() => ({ op: "All" }), ...(isWide ? [] : narrow(slot))])();
    const narrow = (slot: "?principal" | "?resource") => [
      () => ({ op: "==", ...referred(slot) }),
      () => ({ op: "in", ...referred(slot) }),
      () => ({ op: "is", entity_type: random.pick(types) }),
      () => ({ op: "is", entity_type: random.pick(types), in: referred(slot) }),
    ];
    const action = random.pick([
      ...Array.from({ length: isWide ? 12 : 1 }, () => () => ({ op: "All" })),
      () => ({ op: "==", entity: { type: "Action", id: random.pick(["x", "y"]) } }),
      () => ({ op: "in", entity: { type: "Action", id: random.pick(["x", "y", "group"]) } }),
      () => ({ op: "in", entities: random.some(2, () => ({ type: "Action", id: random.pick(["x", "y", "group"]) })) }),
    ])();
    const syntax = {
      effect: random.chance(permits) ? "permit" : "forbid",
      principal: scope("?principal"),
      action,
      resource: scope("?resource"),
      conditions: random.some(isWide ? 1 : 2, () => ({
        kind: random.chance(0.7) ? "when" : "unless",
        body: random.chance(0.15) ? this.#edge() : this.#expression("bool", 1 + random.below(4)),
      })),
    } as PolicyJson;
    return { id, syntax, ...(Object.keys(slots).length === 0 ? {} : { slots }) };
  }

  request(): CedarRequest {
    const random = this.#random;
    return {
      principal: this.#uid(),
      action: { type: "Action", id: random.pick(["x", "y"]) },
      resource: this.#uid(),
      context: this.#record(3) as { readonly [name: string]: CedarValueJson },
      entities: this.#entities(),
    };
  }

  #entities(): EntityJson[] {
    const random = this.#random;
    const known = types.flatMap((type) => ids.map((id) => ({ type, id }))).filter(() => random.chance(0.7));
    const entities = known.map((uid, at) => ({
      uid,
      attrs: this.#record(2) as { [name: string]: CedarValueJson },
      // Later ones only: parents never go round in a circle, which Cedar refuses.
      parents: known.slice(at + 1).filter(() => random.chance(0.2)),
      ...(random.chance(0.4) ? { tags: this.#record(1) as { [name: string]: CedarValueJson } } : {}),
    }));
    const group = { type: "Action", id: "group" };
    return [...entities, { uid: { type: "Action", id: "x" }, attrs: {}, parents: [group] }];
  }

  #uid(): TypeAndId {
    return { type: this.#random.pick(types), id: this.#random.pick(ids) };
  }

  #record(depth: number): { readonly [name: string]: CedarValueJson } {
    const entries = names
      .filter(() => this.#random.chance(0.75))
      .map((name) => [name, this.#value(this.#kindNamed(name), depth)]);
    return Object.fromEntries(entries) as { readonly [name: string]: CedarValueJson };
  }

  /** Names mostly hold one kind, so that expressions of a type find something of it. */
  #kindNamed(name: string): Kind {
    const usual: { readonly [name: string]: Kind } = {
      b: "bool",
      n: "long",
      s: "string",
      e: "entity",
      set: "set",
      r: "record",
      ip: "ipaddr",
      d: "decimal",
      t: "datetime",
      l: "duration",
    };
    const kind = Object.hasOwn(usual, name) ? usual[name] : undefined;
    return kind !== undefined && this.#random.chance(0.9) ? kind : this.#random.pick(kinds);
  }

  #value(kind: Kind, depth: number): CedarValueJson {
    const random = this.#random;
    switch (kind) {
      case "bool":
        return random.chance(0.5);
      case "long":
        return random.pick(longs);
      case "string":
        return random.pick(strings);
      case "entity":
        return { __entity: this.#uid() };
      case "set": {
        const inner = random.pick(depth > 0 ? kinds : (["bool", "long", "string", "entity"] as const));
        return random.some(4, () => this.#value(inner, depth - 1));
      }
      case "record":
        return depth > 0 ? this.#record(depth - 2) : {};
      default:
        return { __extn: { fn: literals[kind][0], arg: random.pick(literals[kind][1]) } };
    }
  }

  #expression(wanted: Kind, depth: number): Expr {
    const random = this.#random;
    const kind = random.chance(0.02) ? random.pick(kinds) : wanted;
    if (depth <= 0 || random.chance(0.12)) return this.#leaf(kind);
    const inner = (of: Kind) => this.#expression(of, depth - 1);
    const any = () => inner(random.pick(kinds));
    const ways: (() => Expr)[] = [
      // biome-ignore lint/suspicious/noThenProperty: Cedar's own name for it; nobody awaits a syntax tree
      () => ({ "if-then-else": { if: inner("bool"), then: inner(kind), else: inner(kind) } }),
      () => this.#access(kind, depth),
      () => this.#access(kind, depth),
    ];
    for (const [name, { takes, gives }] of Object.entries(functions))
      if (gives === kind) ways.push(() => this.#call(name, takes, depth));
    if (kind === "bool") ways.push(...this.#booleans(inner, any));
    if (kind === "long") {
      for (const operator of ["+", "-", "*"] as const)
        ways.push(() => ({ [operator]: { left: inner("long"), right: inner("long") } }) as Expr);
      ways.push(() => ({ neg: { arg: inner("long") } }));
    }
    if (kind === "set") ways.push(() => this.#setOf(random.pick(kinds), depth));
    if (kind === "record")
      ways.push(() => ({
        Record: Object.fromEntries(random.some(3, () => [random.pick(names), any()])) as { [name: string]: Expr },
      }));
    return random.pick(ways)();
  }

  #booleans(inner: (of: Kind) => Expr, any: () => Expr): (() => Expr)[] {
    const random = this.#random;
    const same = () => {
      const of = random.pick(kinds);
      return random.chance(0.8) ? { left: inner(of), right: inner(of) } : { left: any(), right: any() };
    };
    const ordered = () => {
      const of = random.pick(["long", "long", "datetime", "duration"] as const);
      return { left: inner(of), right: inner(of) };
    };
    const sets = () => {
      const of = random.pick(["long", "string", "entity", "bool", "decimal"] as const);
      return { left: this.#setOf(of, 2), right: this.#setOf(of, 2) };
    };
    const member = () => {
      const of = random.pick(["long", "string", "entity", "set", "record", "ipaddr"] as const);
      return { left: this.#setOf(of, 2), right: inner(of) };
    };
    return [
      () => ({ "!": { arg: inner("bool") } }),
      () => ({ "&&": { left: inner("bool"), right: inner("bool") } }),
      () => ({ "||": { left: inner("bool"), right: inner("bool") } }),
      () => ({ "==": same() }),
      () => ({ "==": this.#alike() }),
      () => ({ contains: { left: { Set: [this.#alike().left, inner("long")] }, right: this.#alike().right } }),
      () => ({ "!=": same() }),
      () => ({ "<": ordered() }),
      () => ({ "<=": ordered() }),
      () => ({ ">": ordered() }),
      () => ({ ">=": ordered() }),
      () => ({ in: { left: inner("entity"), right: random.chance(0.5) ? inner("entity") : this.#setOf("entity", 2) } }),
      () => ({ contains: random.chance(0.8) ? member() : { left: inner("set"), right: any() } }),
      () => ({ containsAll: sets() }),
      () => ({ containsAny: sets() }),
      () => ({ isEmpty: { arg: inner("set") } }),
      () => ({ has: { left: inner(random.pick(["entity", "record", "record"])), attr: random.pick(names) } }),
      () => ({
        has: { left: inner(random.pick(["entity", "record"])), attr: [random.pick(names), "r", random.pick(names)] },
      }),
      () => ({ hasTag: { left: inner("entity"), right: this.#tagName() } }),
      () => ({
        like: {
          left: inner("string"),
          pattern: random.some(4, () =>
            random.pick(["Wildcard" as const, { Literal: "a" }, { Literal: "b" }, { Literal: "*" }, { Literal: "ä" }]),
          ),
        },
      }),
      () => ({ is: { left: inner("entity"), entity_type: random.pick(types) } }),
      () => ({ is: { left: inner("entity"), entity_type: random.pick(types), in: inner("entity") } }),
    ];
  }

  /** What seldom matters in a random expression, as the whole condition: so that a fault in it shows. */
  #edge(): Expr {
    const random = this.#random;
    const literal = (kind: keyof typeof literals): Expr => this.#call(literals[kind][0], ["string"], 0);
    const text = random.pick(["a", "aa", "aba", "abab", "ababa"]);
    const [start, end] = [text.slice(0, random.below(text.length + 1)), text.slice(random.below(text.length + 1))];
    const leaf = this.#leaf(random.pick(kinds));
    const kind = random.pick(["ipaddr", "decimal", "datetime", "duration"] as const);
    const [one, other] = [literal(kind), literal(kind)];
    const whole = random.pick(["toSeconds", "toMinutes", "toHours", "toDays"]);
    return random.pick<() => Expr>([
      // Fits where the two ends do not overlap in the text.
      () => ({ like: { left: { Value: text }, pattern: [{ Literal: start }, "Wildcard", { Literal: end }] } }),
      () => ({ "==": this.#alike() }),
      () => ({ "!=": { left: one, right: other } }),
      () => ({ isInRange: [literal("ipaddr"), literal("ipaddr")] }) as unknown as Expr,
      () => ({ isInRange: [literal("ipaddr"), literal("ipaddr")] }) as unknown as Expr,
      () => ({ "==": { left: { "||": { left: { Value: random.chance(0.2) }, right: leaf } }, right: leaf } }),
      () => ({ "==": { left: { "&&": { left: { Value: random.chance(0.8) }, right: leaf } }, right: leaf } }),
      () =>
        ({
          "<": { left: { [whole]: [literal("duration")] }, right: { Value: random.pick([0, -1, 1]) } },
        }) as unknown as Expr,
      () => ({
        "<": {
          left: { offset: [literal("datetime"), literal("duration")] } as unknown as Expr,
          right: literal("datetime"),
        },
      }),
      () => ({ "<": { left: { toTime: [literal("datetime")] } as unknown as Expr, right: literal("duration") } }),
    ])();
  }

  /** Two sets or records that are equal but for their order, or for what stands in them twice; now and then not. */
  #alike(): { readonly left: Expr; readonly right: Expr } {
    const random = this.#random;
    const items = ["a", "b", "n"].map((name, at) => [name, { Value: random.chance(0.9) ? at : name } as Expr] as const);
    const turned = [...items].reverse();
    if (random.chance(0.5))
      return { left: { Record: Object.fromEntries(items) }, right: { Record: Object.fromEntries(turned) } };
    const twice = [...turned, ...items.slice(0, 1 + random.below(2))];
    return { left: { Set: items.map(([, value]) => value) }, right: { Set: twice.map(([, value]) => value) } };
  }

  #setOf(of: Kind, depth: number): Expr {
    if (this.#random.chance(0.2)) return this.#leaf("set");
    return { Set: this.#random.some(3, () => this.#expression(of, Math.min(depth - 1, 1))) };
  }

  /** A constructor mostly gets a text that it takes. */
  #call(name: string, takes: readonly Kind[], depth: number): Expr {
    const known = Object.values(literals).find(([maker]) => maker === name);
    if (known !== undefined && this.#random.chance(0.9)) {
      const [, good, bad] = known;
      return { [name]: [{ Value: this.#random.pick(this.#random.chance(0.75) ? good : bad) }] } as unknown as Expr;
    }
    return { [name]: takes.map((kind) => this.#expression(kind, depth - 1)) } as unknown as Expr;
  }

  #access(kind: Kind, depth: number): Expr {
    const random = this.#random;
    if (random.chance(0.15)) return { getTag: { left: this.#expression("entity", depth - 1), right: this.#tagName() } };
    const left = random.chance(0.6)
      ? ({ Var: random.pick(["context", "principal", "resource"]) } as Expr)
      : this.#expression(random.pick(["record", "entity"]), depth - 1);
    return { ".": { left, attr: this.#nameOf(kind) } };
  }

  #tagName(): Expr {
    return this.#random.chance(0.8) ? { Value: this.#random.pick(names) } : this.#expression("string", 1);
  }

  #nameOf(kind: Kind): string {
    const usual = {
      bool: "b",
      long: "n",
      string: "s",
      entity: "e",
      set: "set",
      record: "r",
      ipaddr: "ip",
      decimal: "d",
      datetime: "t",
      duration: "l",
    } as const;
    return this.#random.chance(0.85) ? usual[kind] : this.#random.pick(names);
  }

  #leaf(kind: Kind): Expr {
    const random = this.#random;
    if (random.chance(0.5)) return { ".": { left: { Var: "context" }, attr: this.#nameOf(kind) } };
    if (kind === "entity" && random.chance(0.6)) return { Var: random.pick(["principal", "action", "resource"]) };
    if (kind === "record" && random.chance(0.6)) return { Var: "context" };
    return { Value: this.#value(kind, 1) };
  }
}
