import { z } from "zod";
import { files } from "./plane.ts";

/** Questions about policies that are not in force. */
export const policyCheckBody = z.strictObject({ files });

const problem = z.strictObject({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  path: z.string(),
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  expected: z.string().exactOptional(),
  nearest: z.string().exactOptional(),
  help: z.string().exactOptional(),
});

export const policyChecked = z.strictObject({
  ok: z.boolean(),
  policies: z
    .int()
    .exactOptional()
    .meta({ description: "how many policies the files make; absent where they do not hold" }),
  problems: z.array(problem),
});

export const policyTestBody = z.strictObject({
  files,
  every: z
    .boolean()
    .default(false)
    .meta({ description: "also give faults to the policies that workflow files generate" }),
});

const effect = z.enum(["allow", "require", "deny"]);
const source = z.enum(["shipped", "workflow", "own"]);

export const policyTested = z.strictObject({
  cases: z.array(
    z.strictObject({
      file: z.string(),
      line: z.int(),
      name: z.string(),
      passed: z.boolean(),
      failures: z.array(z.string()),
      effect: effect.exactOptional(),
    }),
  ),
  coverage: z.array(
    z.strictObject({
      policy: z.string(),
      source,
      asked: z.int(),
      held: z.int(),
      conditions: z.array(z.strictObject({ text: z.string(), decisive: z.int() })),
      covered: z.boolean(),
    }),
  ),
  mutation: z.strictObject({
    mutants: z.int(),
    killed: z.int(),
    survivors: z.array(z.strictObject({ policy: z.string(), fault: z.string() })),
  }),
});
