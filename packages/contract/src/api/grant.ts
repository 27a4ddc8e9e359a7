import { z } from "zod";
import { answerBody, opened } from "./approval.ts";
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

export const proposalQuery = z.strictObject({
  weeks: z.coerce.number().int().min(1).max(12).default(4).meta({ description: "how many weeks, 1 to 12" }),
  least: z.coerce
    .number()
    .int()
    .min(5)
    .max(1000)
    .default(20)
    .meta({ description: "how often people have to have approved calls of one class, 5 to 1000" }),
  workflow: name.exactOptional().meta({ description: "this workflow alone; its DRI may ask for it" }),
});

const classLine = {
  workflow: z.string(),
  agent: z.string(),
  server: z.string(),
  tool: z.string(),
  environment: z.string(),
  verb: z.string(),
  policies: z.array(z.string()).meta({ description: "the policies that asked" }),
};

const grantProposal = z.strictObject({
  ...classLine,
  onBehalfOf: z.string().exactOptional(),
  target: z.string().meta({ description: "of the newest of these calls" }),
  sentence: z.string(),
  grant: z
    .strictObject({ shape: grantShape, forMs: z.int(), uses: z.int() })
    .meta({ description: "what to grant at the next such request: it is not in force" }),
  change: z
    .strictObject({ file: z.string(), text: z.string(), difference: z.array(z.string()) })
    .nullable()
    .meta({
      description: "the workflow file under which its policy takes grants; null where it does, or is not in it",
    }),
  needs: z.string().nullable().meta({ description: "what stands in the way that no workflow file can change" }),
  evidence: z.strictObject({
    approved: z.int().meta({ description: "of all of this class: none was denied" }),
    atLeast: z
      .number()
      .meta({ description: "the lower bound of the share that people would approve: Wilson's score at 95 %" }),
    people: z.array(z.strictObject({ person: z.string(), approved: z.int() })),
    since: time,
    until: time,
    receipts: z.array(actionId).meta({ description: "the newest of them" }),
  }),
  spared: z
    .strictObject({
      questions: z.int(),
      lookedMs: z
        .number()
        .nullable()
        .meta({ description: "how long people looked at them; null where nobody measured" }),
      waitedMs: z.number().meta({ description: "how long they were held, together" }),
    })
    .meta({ description: "what a grant would have spared" }),
  waiting: z.array(actionId).meta({ description: "such requests that wait now" }),
});

/** Approvals that people's own answers speak for giving beforehand. Asking for them changes nothing. */
export const grantProposals = z.strictObject({
  weeks: z.int(),
  least: z.int(),
  looked: z.int().meta({ description: "actions that people were asked about" }),
  isWhole: z.boolean().meta({ description: "false where there are more than are looked at: then nothing is proposed" }),
  proposals: z.array(grantProposal),
  left: z
    .array(z.strictObject({ ...classLine, approved: z.int(), because: z.string() }))
    .meta({ description: "approved often enough, and not proposed: why" }),
});

export const grantBody = z.strictObject({
  approval: actionId.meta({ description: "the held action that was looked at" }),
  callDigest: answerBody.shape.callDigest,
  shownDigest: answerBody.shape.shownDigest,
  opened,
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
