import { parse } from "yaml";
import { z } from "zod";
import { Problem } from "../floor/problem.ts";
import { environmentSchema, methodNames, ruleSchema, targetSchema } from "./rule.ts";

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** A shipped pack: rules for the tools of one release of one server, and the digests of the definitions reviewed. */
export const packSchema = z.strictObject({
  pack: z.string().regex(/^[a-z0-9-]+@[1-9][0-9]*$/),
  package: z.string().min(1),
  version: z.string().min(1),
  system: z.string().min(1),
  reviewed: z.iso.date(),
  notes: z.array(z.string().min(1)).default([]),
  environment: environmentSchema.describe("for tools that say nothing of their own"),
  target: targetSchema,
  tools: z.record(z.string().min(1), ruleSchema.extend({ digest })),
  methods: z.partialRecord(z.enum(methodNames), ruleSchema).default({}),
  /** Digests of what the server lists beside tools; checked by `scripts/review-pack.ts`. */
  listings: z.partialRecord(z.enum(["resources", "resourceTemplates", "prompts"]), digest).default({}),
});

export type Pack = z.infer<typeof packSchema>;

/** Packs by `name@version`. */
export interface Packs {
  get(id: string): Pack | undefined;
  has(id: string): boolean;
  keys(): Iterable<string>;
}

export function parsePack(text: string, file: string): Pack {
  const read = packSchema.safeParse(parse(text, { strict: true, uniqueKeys: true, maxAliasCount: 0 }));
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new Problem("invalid", `\`${file}\` is not a pack: ${issue?.path.join(".")}: ${issue?.message}`, { at: file });
}
