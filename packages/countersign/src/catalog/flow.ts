import type { Confidentiality, FlowEffect, Integrity, Json, JsonObject, Verb } from "@countersign/contract";
import { z } from "zod";
import { holdsAddress } from "./address.ts";
import type { Wanted } from "./normalise/wanted.ts";
import { firstText } from "./template.ts";

export const flowEffects = ["read", "reversible", "irreversible", "egress"] as const satisfies readonly FlowEffect[];
export const integrities = ["trusted", "own", "untrusted"] as const satisfies readonly Integrity[];
export const confidentialities = [
  "public",
  "internal",
  "personal",
  "secret",
] as const satisfies readonly Confidentiality[];

const place = z
  .string()
  .regex(/^(?:args|parsed)(?:\.(?:\*|[A-Za-z0-9_-]{1,128}))+$/)
  .describe("where in a call it stands: `args.to`, `args.recipients.*`, `parsed.url.host`");

/** What makes a value safe whoever chose it: it can say no more than these. */
const endorsementSchema = z
  .strictObject({
    values: z
      .array(z.union([z.string(), z.number()]))
      .min(1)
      .optional()
      .describe("one of these, exactly"),
    domains: z
      .array(z.string().regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/))
      .min(1)
      .optional()
      .describe("an e-mail address or a web address at one of these domains, or below it"),
    type: z.enum(["integer", "number", "boolean", "date"]).optional().describe("a value of this type"),
  })
  .describe("trusted whoever chose it: a value that one of these holds can carry no instruction");

const destinationSchema = z.union([
  place,
  z.strictObject({
    at: place,
    as: z
      .string()
      .regex(/\{\{/)
      .optional()
      .describe("what the place is called, where several arguments say it together: `{{args.owner}}/{{args.repo}}`"),
    endorse: endorsementSchema.optional(),
  }),
]);

const fieldSchema = z.strictObject({
  at: z
    .string()
    .regex(/^(?:\*|[A-Za-z0-9_$-]{1,128})(?:\.(?:\*|[A-Za-z0-9_$-]{1,128}))*$/)
    .describe("a member of the answer, `*` for each of a list: `issues.*.id`"),
  integrity: z.enum(integrities).optional(),
  confidentiality: z
    .enum(confidentialities)
    .optional()
    .describe("of it and of all below it, never more than of the whole"),
  endorse: endorsementSchema.optional(),
});

const resultSchema = z
  .strictObject({
    integrity: z
      .enum(integrities)
      .default("untrusted")
      .describe(
        "`trusted`: only the system and its administrators write it; `own`: the system and this very call, so it taints nothing and names nothing; `untrusted`: others may",
      ),
    confidentiality: z.enum(confidentialities).default("secret"),
    fields: z
      .array(fieldSchema)
      .default([])
      .describe("members that are more, or less, trusted than the whole, or less confidential"),
  })
  // INVARIANT: the label of the whole is that of its most confidential member: what a run has read is told by it alone.
  .superRefine(({ confidentiality, fields }, context) => {
    const most = confidentialities.indexOf(confidentiality);
    fields.forEach((field, at) => {
      if (field.confidentiality === undefined || confidentialities.indexOf(field.confidentiality) <= most) return;
      const message = `\`${field.at}\` is more confidential than the whole answer: label the whole as \`${field.confidentiality}\`, and the members that are less so`;
      context.addIssue({ code: "custom", path: ["fields", at, "confidentiality"], message });
    });
  });

/** What a tool does with data: what a call does, where it can send something, and what its answer brings into a run. */
export const flowSchema = z
  .strictObject({
    effect: z
      .enum(flowEffects)
      .optional()
      .describe(
        "`egress`: data leaves; `irreversible`: nothing brings it back; `reversible`: contained where it has a plan to undo it",
      ),
    destinations: z
      .array(destinationSchema)
      .optional()
      .describe("the arguments that say where, to whom or how much; without this, all arguments"),
    result: resultSchema.optional(),
  })
  .describe(
    "labels for information flow; what is not labelled counts as untrusted, secret and leaving, but for a read that no argument could lead to an address",
  );

export type FlowLabels = z.infer<typeof flowSchema>;
export type Endorsement = z.infer<typeof endorsementSchema>;
export type ResultLabels = z.infer<typeof resultSchema>;

/** One value of a call that says where something goes. */
export interface Destination {
  readonly at: string;
  readonly value: string | number;
  readonly endorse?: Endorsement;
}

/** What one call does with data. */
export interface CallFlow {
  readonly effect: FlowEffect;
  readonly destinations: readonly Destination[];
  readonly result: ResultLabels;
  /** All its arguments, where they say which record the answer is about; absent where the rule's target is made of none. */
  readonly about?: readonly Destination[];
}

/** What nobody labelled, or what a tool said that is gone. */
export const unlabelled: ResultLabels = { integrity: "untrusted", confidentiality: "secret", fields: [] };
const maxDestinations = 256;

/**
 * Fails closed: a call without labels lets data leave, and all its arguments say where to. Only a read is one without a
 * label that says so, and where it could go to no address that stands in its arguments (`leads`).
 */
export function flowOf(
  labels: FlowLabels | undefined,
  verb: Verb,
  scope: { readonly args: JsonObject; readonly parsed: JsonObject },
  wanted: { readonly [name: string]: Wanted } = {},
  leads: (args: JsonObject) => boolean = holdsAddress,
): CallFlow {
  const known = Object.entries(wanted).flatMap(([name, { as }]) => (as === "url" ? [name] : []));
  const rest = Object.fromEntries(Object.entries(scope.args).filter(([name]) => !known.includes(name)));
  const guessed = labels?.effect === undefined && verb === "read" && leads(rest);
  const effect = labels?.effect ?? (verb === "read" && known.length === 0 && !guessed ? "read" : "egress");
  const result = labels?.result ?? unlabelled;
  // What a rule calls a read and a case, or a mapping that fails, makes an execution is no read.
  const sure = effect === "read" && verb !== "read" ? "egress" : effect;
  if (sure === "read") return { effect: sure, destinations: [], result };
  const addresses = known.map((name) => `args.${name}`);
  // What only looks like an address may be a part of one: then everything says where to.
  const places = labels?.destinations ?? (verb === "read" && known.length > 0 && !guessed ? addresses : undefined);
  return { effect: sure, destinations: places === undefined ? everything(scope.args) : at(places, scope), result };
}

interface Scope {
  readonly [root: string]: JsonObject;
  readonly args: JsonObject;
  readonly parsed: JsonObject;
}

function at(places: NonNullable<FlowLabels["destinations"]>, scope: Scope): readonly Destination[] {
  const found: Destination[] = [];
  for (const one of places) {
    const { at, as, endorse } = typeof one === "string" ? { at: one, as: undefined, endorse: undefined } : one;
    const there: Destination[] = [];
    walk(there, at, scope as JsonObject, at.split("."), endorse);
    if (as === undefined || there.length === 0) for (const each of there) collect(found, each.at, each.value, endorse);
    else {
      const name = firstText([as], scope);
      // What cannot be called by its whole name is no place that anybody named.
      for (const each of name === undefined ? everything(scope.args) : [{ at, value: name }])
        collect(found, each.at, each.value, endorse);
    }
  }
  return found;
}

/**
 * What stands at a place. An argument of another shape than the label expects is a destination as a whole, not none;
 * a member that is not there says nothing.
 */
function walk(
  found: Destination[],
  at: string,
  value: Json | undefined,
  [segment, ...rest]: readonly string[],
  endorse?: Endorsement,
): void {
  if (value === undefined || value === null) return;
  const isList = Array.isArray(value);
  if (segment === undefined || typeof value !== "object" || isList !== (segment === "*"))
    collect(found, at, value, endorse);
  else if (isList) for (const one of value as readonly Json[]) walk(found, at, one, rest, endorse);
  else if (Object.hasOwn(value, segment)) walk(found, at, (value as JsonObject)[segment], rest, endorse);
}

/** All values of a call's arguments. */
export function everything(args: JsonObject): readonly Destination[] {
  const found: Destination[] = [];
  for (const [name, value] of Object.entries(args)) if (value !== undefined) collect(found, `args.${name}`, value);
  return found;
}

/** The leaves; an empty text, which may mean everything, is one that nobody names. A truth value or nothing says no place; what is beyond the limit is one value that nothing matches. */
function collect(found: Destination[], at: string, value: Json, endorse?: Endorsement): void {
  if (found.length > maxDestinations) return;
  if (found.length === maxDestinations) {
    found.push({ at: "args", value: "\0too many" });
    return;
  }
  if (typeof value === "string" || typeof value === "number") {
    found.push({ at, value, ...(endorse === undefined ? {} : { endorse }) });
    return;
  }
  if (value === null || typeof value === "boolean") return;
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    collect(found, `${at}.${name}`, inner, endorse);
    // A name that the agent chose is a value too.
    if (!Array.isArray(value)) collect(found, `${at}.${name}#`, name);
  }
}

/** An error tells the call's own words again, so none of it is trusted: else a call could make its values trusted. */
export function answered(labels: ResultLabels, isError: boolean): ResultLabels {
  return isError ? { ...labels, integrity: "untrusted", fields: [] } : labels;
}
