import { z } from "zod";

export const normaliserNames = ["email", "url", "path", "money", "sql", "kubernetes", "terraform"] as const;
export type NormaliserName = (typeof normaliserNames)[number];

const place = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*(?:\.(?:\*|[A-Za-z][A-Za-z0-9_-]*))*$/)
  .describe("where it stands in the arguments, such as `files.*.path`; else in the argument of this name");

const plain = z.enum(normaliserNames).describe(`what the argument holds: ${normaliserNames.join(", ")}`);

const described = z
  .strictObject({
    as: plain,
    from: place.optional(),
    base: z
      .string()
      .regex(/^\/(?:[^/]+\/?)*$/)
      .optional()
      .describe("of a path: what relative ones lie in, and no `..` leads out of; `/` for paths in a repository"),
    unit: z.enum(["major", "minor"]).optional().describe("of money: what a number counts, such as euros or cents"),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, "a code of three capitals, such as `EUR`")
      .optional()
      .describe("of money: where the argument names none"),
    currencyFrom: place.optional().describe("of money: the argument that names the currency"),
  })
  .describe("what the argument holds, with what has to be known to read it");

/** What a rule's arguments hold, by the name that policies see: `context.args.parsed.<name>`. */
export const normaliseSchema = z
  .record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,127}$/, "letters, digits, `_` and `-`"),
    z.union([plain, described]),
  )
  .describe("which arguments policies see as parsed values, and as what");

export type Wanted = z.infer<typeof described>;
export type NormaliseRule = z.infer<typeof normaliseSchema>;

export function wantedOf(given: NormaliseRule[string]): Wanted {
  return typeof given === "string" ? { as: given } : given;
}
