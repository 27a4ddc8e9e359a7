import { z } from "zod";
import { answerBody } from "./approval.ts";
import { actionId, idOf, json, name, reason, time } from "./text.ts";

export const grantId = idOf("gov");

/** How one value of the call may differ from the one that was looked at. */
export const loosened = z.union([
  z.strictObject({ any: z.literal(true) }),
  z.strictObject({ oneOf: z.array(json).min(1).max(50) }),
  z.strictObject({ atLeast: z.number().exactOptional(), atMost: z.number().exactOptional() }),
]);

/**
 * Which calls a grant is for: of the same agent and person, tool and definition, environment and verb, with the same
 * arguments but for what is loosened.
 */
export const grantShape = z.strictObject({
  target: z
    .enum(["exact", "class"])
    .default("exact")
    .meta({ description: "this very target, or any of the same server, environment and verb" }),
  arguments: z
    .record(z.string().max(300), loosened)
    .default({})
    .meta({ description: "by JSON pointer; what is not named has to be what was looked at" }),
});

export const grantBody = z.strictObject({
  approval: actionId.meta({ description: "the held action that was looked at" }),
  callDigest: answerBody.shape.callDigest,
  shownDigest: answerBody.shape.shownDigest,
  shape: grantShape.prefault({}),
  workflow: name.exactOptional().meta({ description: "the workflow of the held action; another is a conflict" }),
  forMs: z.int().min(60_000).max(28_800_000).meta({ description: "for how long, at most 8 hours" }),
  uses: z.int().min(1).max(100).meta({ description: "for how many calls, at most 100" }),
  reason,
});

/** A standing approval for calls of one shape: of one person, for a time, for a number of calls. */
export const grant = z.strictObject({
  id: grantId,
  state: z.enum(["in_force", "frozen", "used_up", "expired", "revoked", "void"]),
  /** Why it is frozen, revoked or void. */
  because: z.string().exactOptional(),
  by: z.string(),
  as: z.string(),
  at: time,
  until: time,
  uses: z.int(),
  used: z.int(),
  reason: z.string(),
  approval: actionId,
  workflow: z.string(),
  agent: z.string(),
  onBehalfOf: z.string().exactOptional(),
  server: z.string(),
  tool: z.string(),
  environment: z.string(),
  verb: z.string(),
  target: z.string(),
  shape: grantShape,
  /** The policies whose question it answers. */
  policies: z.array(z.string()),
  /** The arguments that were looked at; absent where the reader may not see them. */
  args: json.exactOptional(),
  /** The asking person may take it back. */
  yours: z.boolean(),
  receipt: z.string(),
});

/** In force and frozen ones first, then those that ended within a day. */
export const grants = z.strictObject({ grants: z.array(grant) });
export const grantEndBody = z.strictObject({ reason });
