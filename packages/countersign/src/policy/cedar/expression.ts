import type { CedarValueJson, Expr } from "@cedar-policy/cedar-wasm/nodejs";
import { EvaluationFault, typeFault } from "./fault.ts";
import { fromJson } from "./from-json.ts";
import { extensionFunctions } from "./functions.ts";
import { add, isLong, type Long, multiply, negate, subtract } from "./long.ts";
import { matcher } from "./pattern.ts";
import { type CedarRecord, CedarSet, Entity, isEqual, kindOf, RecordValue, type Value } from "./value.ts";
import type { World } from "./world.ts";

/** An expression, ready to be asked; throws `EvaluationFault`. */
export type Ask = (world: World) => Value;

type Both = { readonly left: Expr; readonly right: Expr };
type Only = { readonly arg: Expr };
type Make = (body: never) => Ask;

/** Turns a syntax tree into functions, once. An operator that is not known here is a fault now, not at a decision. */
export function compileExpression(expression: Expr): Ask {
  const [[operator, body], ...more] = Object.entries(expression) as [[string, unknown], ...unknown[]];
  if (more.length > 0) throw new EvaluationFault("an expression has one operator");
  const make = Object.hasOwn(makers, operator) ? makers[operator as keyof typeof makers] : undefined;
  if (make !== undefined) return (make as Make)(body as never);
  return extension(operator, body as readonly Expr[]);
}

const makers = {
  Value: (json: CedarValueJson): Ask => {
    const value = fromJson(json);
    return () => value;
  },
  Var: (name: "principal" | "action" | "resource" | "context"): Ask => variables[name],
  Slot:
    (name: string): Ask =>
    ({ slots }) => {
      const entity = slots.get(name);
      if (entity === undefined) throw new EvaluationFault(`slot \`${name}\` is empty`);
      return entity;
    },
  "!": ({ arg }: Only): Ask => {
    const ask = compileExpression(arg);
    return (world) => !bool(ask(world));
  },
  neg: ({ arg }: Only): Ask => {
    const ask = compileExpression(arg);
    return (world) => negate(long(ask(world)));
  },
  "&&": ({ left, right }: Both): Ask => {
    const [one, other] = [compileExpression(left), compileExpression(right)];
    return (world) => bool(one(world)) && bool(other(world));
  },
  "||": ({ left, right }: Both): Ask => {
    const [one, other] = [compileExpression(left), compileExpression(right)];
    return (world) => bool(one(world)) || bool(other(world));
  },
  "if-then-else": (body: { readonly if: Expr; readonly then: Expr; readonly else: Expr }): Ask => {
    const [test, one, other] = [body.if, body.then, body.else].map(compileExpression) as [Ask, Ask, Ask];
    return (world) => (bool(test(world)) ? one(world) : other(world));
  },
  "==": binary(isEqual),
  "!=": binary((one, other) => !isEqual(one, other)),
  "<": compare((one, other) => one < other),
  "<=": compare((one, other) => one <= other),
  ">": compare((one, other) => one > other),
  ">=": compare((one, other) => one >= other),
  "+": binary((one, other) => add(long(one), long(other))),
  "-": binary((one, other) => subtract(long(one), long(other))),
  "*": binary((one, other) => multiply(long(one), long(other))),
  in: ({ left, right }: Both): Ask => {
    const [one, other] = [compileExpression(left), compileExpression(right)];
    return (world) => {
      const [who, where] = [one(world), other(world)];
      return isInAny(world, entity(who), where);
    };
  },
  contains: binary((one, other) => set(one).has(other)),
  containsAll: binary((one, other) => {
    const [whole, part] = [set(one), set(other)];
    return part.items.every((item) => whole.has(item));
  }),
  containsAny: binary((one, other) => {
    const [whole, part] = [set(one), set(other)];
    return part.items.some((item) => whole.has(item));
  }),
  isEmpty: ({ arg }: Only): Ask => {
    const ask = compileExpression(arg);
    return (world) => set(ask(world)).items.length === 0;
  },
  hasTag: ({ left, right }: Both): Ask => {
    const [one, other] = [compileExpression(left), compileExpression(right)];
    return (world) => {
      const [who, name] = [entity(one(world)), text(other(world))];
      return world.tagsOf(who)?.has(name) === true;
    };
  },
  getTag: ({ left, right }: Both): Ask => {
    const [one, other] = [compileExpression(left), compileExpression(right)];
    return (world) => {
      const [who, name] = [entity(one(world)), text(other(world))];
      const value = world.tagsOf(who)?.get(name);
      if (value === undefined) throw new EvaluationFault("there is no such tag");
      return value;
    };
  },
  ".": ({ left, attr }: { readonly left: Expr; readonly attr: string }): Ask => {
    const ask = compileExpression(left);
    return (world) => {
      const value = membersOf(world, ask(world))?.get(attr);
      if (value === undefined) throw new EvaluationFault(`there is no attribute \`${attr}\``);
      return value;
    };
  },
  has: ({ left, attr }: { readonly left: Expr; readonly attr: string | readonly string[] }): Ask => {
    const ask = compileExpression(left);
    const way = typeof attr === "string" ? [attr] : attr;
    return (world) => {
      let value = ask(world);
      for (const [at, name] of way.entries()) {
        const members = membersOf(world, value);
        if (members?.has(name) !== true) return false;
        if (at < way.length - 1) value = members.get(name) as Value;
      }
      return true;
    };
  },
  like: ({ left, pattern }: { readonly left: Expr; readonly pattern: Parameters<typeof matcher>[0] }): Ask => {
    const [ask, matches] = [compileExpression(left), matcher(pattern)];
    return (world) => matches(text(ask(world)));
  },
  is: (body: { readonly left: Expr; readonly entity_type: string; readonly in?: Expr }): Ask => {
    const ask = compileExpression(body.left);
    const where = body.in === undefined ? undefined : compileExpression(body.in);
    return (world) => {
      const who = entity(ask(world));
      if (who.type !== body.entity_type) return false;
      return where === undefined || isInAny(world, who, where(world));
    };
  },
  Set: (items: readonly Expr[]): Ask => {
    const asks = items.map(compileExpression);
    if (items.every((item) => "Value" in item)) {
      const constant = new CedarSet(asks.map((ask) => ask(noWorld)));
      return () => constant;
    }
    return (world) => new CedarSet(asks.map((ask) => ask(world)));
  },
  Record: (members: { readonly [name: string]: Expr }): Ask => {
    const asks = Object.entries(members).map(([name, value]) => [name, compileExpression(value)] as const);
    return (world) => new RecordValue(new Map(asks.map(([name, ask]) => [name, ask(world)])));
  },
} satisfies { readonly [operator: string]: Make };

const variables = {
  principal: (world: World) => world.principal,
  action: (world: World) => world.action,
  resource: (world: World) => world.resource,
  context: (world: World) => world.context,
};

function extension(name: string, args: readonly Expr[]): Ask {
  const known = extensionFunctions.get(name);
  const [first, second] = args;
  if (known === undefined || first === undefined || known.arity !== args.length)
    throw new EvaluationFault(`there is no operator \`${name}\` here`);
  const one = compileExpression(first);
  if (second === undefined) {
    // A constant is made once, but for one that is wrong: Cedar finds that where it is evaluated.
    const constant = "Value" in first ? constantOf(() => known.call(one(noWorld), false)) : undefined;
    return constant === undefined ? (world) => known.call(one(world), false) : () => constant;
  }
  const other = compileExpression(second);
  return (world) => known.call(one(world), other(world));
}

const noWorld = undefined as unknown as World;

function constantOf(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/** Both sides first, then what is done with them: a fault on the right is met whatever the left is. */
function binary(work: (one: Value, other: Value) => Value): (body: Both) => Ask {
  return ({ left, right }) => {
    const [one, other] = [compileExpression(left), compileExpression(right)];
    return (world) => {
      const value = one(world);
      return work(value, other(world));
    };
  };
}

function compare(holds: (one: Long, other: Long) => boolean): (body: Both) => Ask {
  return binary((one, other) => {
    if (isLong(one)) return holds(one, long(other));
    if (isMoment(one) && isMoment(other) && one.kind === other.kind) return holds(one.ms, other.ms);
    throw typeFault("two longs, datetimes or durations", `${kindOf(one)} and ${kindOf(other)}`);
  });
}

function isMoment(value: Value): value is Extract<Value, { readonly kind: "datetime" | "duration" }> {
  return typeof value === "object" && "kind" in value && (value.kind === "datetime" || value.kind === "duration");
}

function bool(value: Value): boolean {
  if (typeof value !== "boolean") throw typeFault("bool", kindOf(value));
  return value;
}

function long(value: Value): Long {
  if (!isLong(value)) throw typeFault("long", kindOf(value));
  return value;
}

function text(value: Value): string {
  if (typeof value !== "string") throw typeFault("string", kindOf(value));
  return value;
}

function set(value: Value): CedarSet {
  if (!(value instanceof CedarSet)) throw typeFault("set", kindOf(value));
  return value;
}

function entity(value: Value): Entity {
  if (!(value instanceof Entity)) throw typeFault("entity", kindOf(value));
  return value;
}

function isInAny(world: World, who: Entity, where: Value): boolean {
  if (where instanceof Entity) return world.isIn(who, where);
  const all = set(where).items.map(entity);
  return all.some((one) => world.isIn(who, one));
}

/** Undefined for an entity that nobody told of, which has nothing. */
function membersOf(world: World, value: Value): CedarRecord | undefined {
  if (value instanceof Entity) return world.attributesOf(value);
  if (typeof value === "object" && value.kind === "record") return value;
  throw typeFault("record or entity", kindOf(value));
}
