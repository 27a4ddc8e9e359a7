import { z } from "zod";
import { nameSchema } from "../workflows/index.ts";
import { credentialNameSchema, outsideAddressSchema } from "./outside-address.ts";

const toolOrServer = z
  .string()
  .max(192)
  .regex(/^[a-z0-9][a-z0-9-]{0,47}\.([A-Za-z0-9_./:-]{1,128}|\*)$/)
  .meta({ description: "one tool as `server.tool`, or `server.*` for all tools of a server" });

const rulePath = z
  .string()
  .max(300)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*(\/[A-Za-z_][A-Za-z0-9_]*)*$/);

const shared = {
  name: nameSchema,
  workflows: z
    .array(nameSchema)
    .min(1)
    .max(500)
    .exactOptional()
    .meta({ description: "a list of workflows; without it in every workflow" }),
  tools: z
    .array(toolOrServer)
    .min(1)
    .max(500)
    .exactOptional()
    .meta({ description: "a list of tools, or `server.*`; without it for every tool" }),
  timeoutMs: z
    .int()
    .min(10)
    .max(30_000)
    .default(1000)
    .meta({ description: "a number of milliseconds from 10 to 30000: without an answer by then it is a denial" }),
};

const outside = { url: outsideAddressSchema, credential: credentialNameSchema.exactOptional() };

const vetoSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("opa-http"),
      ...shared,
      ...outside,
      path: rulePath.meta({ description: "the path of a rule in OPA, such as `countersign/veto/verdict`" }),
    }),
    z.strictObject({
      kind: z.literal("opa-wasm"),
      ...shared,
      bundle: z
        .string()
        .min(1)
        .max(1024)
        .meta({ description: "the path of a bundle from `opa build -t wasm`, from the workspace's folder" }),
      digest: z
        .string()
        .regex(/^sha256:[0-9a-f]{64}$/)
        .meta({ description: "`sha256:` and the bundle's digest: only this file is used" }),
      entrypoint: rulePath.meta({ description: "the rule that it was built for, such as `countersign/veto/verdict`" }),
    }),
    z.strictObject({ kind: z.literal("authzen"), ...shared, ...outside }),
  ])
  .meta({ description: "an external decision point: `kind` is `opa-http`, `opa-wasm` or `authzen`" });

/** Decision points that may refuse, or ask for more, and never allow what the policies deny. */
export const vetoesSchema = z
  .array(vetoSchema)
  .max(50)
  .default([])
  .meta({ description: "a list of external decision points that may refuse or ask for more" });

export type VetoSettings = z.output<typeof vetoSchema>;
