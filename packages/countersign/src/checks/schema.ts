import type { CheckFact, Json, JsonObject } from "@countersign/contract";
import { canonical } from "@countersign/contract";
import Ajv, { type ValidateFunction } from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { type Clock, systemClock } from "../floor/clock.ts";
import { digestText } from "../floor/digest.ts";
import type { Check, CheckInput } from "./check.ts";
import { faultOf } from "./complaint.ts";
import { UnsupportedPattern } from "./linear-regexp.ts";
import { patternEngine } from "./pattern.ts";
import { objectionTo } from "./schema-guard.ts";
import { createSteps, type Steps, withSteps } from "./schema-steps.ts";
import type { Screen } from "./secrets.ts";
import type { Redact } from "./told-pointer.ts";

export const schemaVersion = digestText("ajv 8.20 2020-12 draft-07 formats linear-patterns steps 2");

/** Compiled schemas that are kept; the one used longest ago goes first. */
const mostCompiled = 512;

type Evidence = CheckFact["evidence"];
type Compiled = { readonly validate: ValidateFunction } | { readonly objection: string };

/** The check `schema`: the arguments fit the tool's input schema, the structured result its output schema. */
export function createSchemaCheck(screen: Pick<Screen, "redact">, clock: Clock = systemClock): Check {
  const steps = createSteps(clock);
  const compile = createCompiler(steps);
  return {
    name: "schema",
    version: schemaVersion,
    async run(input: CheckInput): Promise<CheckFact> {
      const started = clock.tick();
      const [verdict, evidence] = judge(compile, steps, input, screen.redact);
      return {
        name: "schema",
        version: schemaVersion,
        verdict,
        at: input.at,
        evidence,
        microseconds: Math.round((clock.tick() - started) * 1000),
        argsDigest: input.digest,
      };
    },
  };
}

function judge(
  compile: (schema: JsonObject) => Compiled,
  steps: Steps,
  input: CheckInput,
  redact: Redact,
): readonly [CheckFact["verdict"], Evidence] {
  if (input.schema === undefined) return ["error", [{ pointer: "", rule: "schema-absent" }]];
  const compiled = compile(input.schema);
  if ("objection" in compiled) return ["error", [{ pointer: "", rule: compiled.objection }]];
  const { value, pointer } = subjectOf(input);
  try {
    steps.begin();
    if (compiled.validate(value)) return ["pass", []];
  } catch {
    // The only ways here: too many steps, a recursion without end, a pattern over too long a text.
    return ["error", [{ pointer, rule: "schema-too-costly" }]];
  }
  const errors = compiled.validate.errors ?? [];
  return ["fail", errors.slice(0, 20).map((error) => faultOf(error, pointer, redact))];
}

/** An output schema speaks of `structuredContent`, which stands inside the result. */
function subjectOf({ stage, value }: CheckInput): { readonly value: Json; readonly pointer: string } {
  if (stage !== "result" || typeof value !== "object" || value === null || Array.isArray(value))
    return { value, pointer: "" };
  const structured = (value as JsonObject).structuredContent;
  return structured === undefined ? { value, pointer: "" } : { value: structured, pointer: "/structuredContent" };
}

function createCompiler(steps: Steps): (schema: JsonObject) => Compiled {
  const byObject = new WeakMap<JsonObject, Compiled>();
  const byDigest = new Map<string, Compiled>();
  return (schema) => {
    const known = byObject.get(schema);
    if (known !== undefined) return known;
    const compiled = compileOnce(schema, steps, byDigest);
    byObject.set(schema, compiled);
    return compiled;
  };
}

function compileOnce(schema: JsonObject, steps: Steps, byDigest: Map<string, Compiled>): Compiled {
  const objection = objectionTo(schema);
  if (objection !== undefined) return { objection };
  const digest = digestText(canonical(schema));
  const known = byDigest.get(digest);
  byDigest.delete(digest);
  const compiled = known ?? compileNew(schema, steps);
  byDigest.set(digest, compiled);
  const [oldest] = byDigest.keys();
  if (byDigest.size > mostCompiled && oldest !== undefined) byDigest.delete(oldest);
  return compiled;
}

/** A compiler of its own for each schema: `$id` of one never reaches another, and nothing is ever fetched. */
function compileNew(schema: JsonObject, steps: Steps): Compiled {
  const dialect = String(schema.$schema ?? "");
  const options = {
    strict: false,
    logger: false,
    validateSchema: false,
    addUsedSchema: false,
    inlineRefs: false,
    ownProperties: true,
    code: { regExp: patternEngine },
  } as const;
  const ajv = /draft-0[3467]/.test(dialect) ? new Ajv.default(options) : new Ajv2020.default(options);
  addFormats.default(ajv);
  const { url } = ajv.formats;
  // This one format's expression is quadratic; the others are linear on every text that was tried against them.
  if (url instanceof RegExp) ajv.addFormat("url", (text: string) => text.length <= 4_096 && url.test(text));
  steps.install(ajv);
  try {
    const { $schema: _, $id: __, ...rest } = schema;
    return { validate: ajv.compile(withSteps(rest)) };
  } catch (thrown) {
    return { objection: thrown instanceof UnsupportedPattern ? "schema-pattern-refused" : "schema-invalid" };
  }
}
