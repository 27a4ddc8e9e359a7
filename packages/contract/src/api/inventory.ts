import { z } from "zod";
import { state } from "./action.ts";
import { lentProcess, stopReport } from "./stop.ts";
import { actionId, digest, jsonObject, name, next, page, time } from "./text.ts";

const effect = z.enum(["allow", "require", "deny"]);

/** Who used which credential from where, and which ones seem to have two users. */
export const credentialUses = z.strictObject({
  days: z.int(),
  uses: z.array(
    z.strictObject({
      credential: z.string(),
      client: z.string(),
      address: z.string(),
      firstAt: time,
      lastAt: time,
      uses: z.number(),
    }),
  ),
  shared: z.array(
    z.strictObject({
      credential: z.string(),
      differs: z.array(z.enum(["client", "address"])).meta({ description: "what two overlapping uses differ in" }),
    }),
  ),
});

/** Every tool as people reviewed it, and what stands against it. */
export const tools = z.strictObject({
  environments: z.array(z.strictObject({ name: z.string(), production: z.boolean() })),
  servers: z.array(
    z.strictObject({
      server: z.string(),
      system: z.string(),
      systems: z.array(z.string()).meta({ description: "every system that its calls act in" }),
      file: z.string(),
      listed: z.boolean().meta({ description: "the server listed its tools to this replica" }),
      faults: z.array(z.string()),
    }),
  ),
  tools: z.array(
    z.strictObject({
      id: z.string(),
      server: z.string(),
      name: z.string(),
      description: z.string().nullable().meta({ description: "the server's own words: a claim" }),
      verbs: z.array(z.enum(["read", "propose", "execute"])),
      environment: z
        .string()
        .nullable()
        .meta({ description: "where every call lies; null where its arguments say that, and else it is production" }),
      production: z.boolean().meta({ description: "a call may lie in production" }),
      reversal: z.enum(["inverse", "irreversible", "none"]),
      undo: z.string().meta({ description: "how it is undone, or why it is not" }),
      reviewed: z.boolean(),
      digest: z.string(),
      unproven: z.string().nullable().meta({ description: "why it is out of force; null where it is not" }),
      workflows: z.array(z.string()).meta({ description: "that may use it, with or without asking" }),
    }),
  ),
});

export const toolQuery = z.strictObject({
  tool: z.string().min(3).max(256).meta({ description: "`server.tool`" }),
});
export const toolDefinition = z.strictObject({ id: z.string(), digest: z.string(), definition: jsonObject });

const ended = {
  action: actionId,
  tool: z.string(),
  agent: z.string(),
  state,
  sentence: z.string().meta({ description: "how it ended, or how it stands" }),
};

/** One stop: what it froze, what was on its way, and how each ended. */
export const stopView = z.strictObject({
  stop: stopReport.shape.stop.extend({
    liftedAt: time.nullable(),
    liftedBy: z.array(z.string()),
    voids: z.boolean(),
  }),
  inForce: z.boolean(),
  receipt: z.string().nullable().meta({ description: "of the deed that took it" }),
  /** Null: the asking person may lift it; else why not. */
  notYours: z.string().nullable(),
  alone: z.boolean().meta({ description: "the asking person may lift their own: the organisation is one person" }),
  held: z.array(z.strictObject({ ...ended, frozen: z.boolean().meta({ description: "frozen now" }) })),
  inFlight: z.array(z.strictObject(ended)),
  /** False where only what the replica that took it had on its way is listed. */
  inFlightIsWhole: z.boolean(),
  processes: z.array(lentProcess).meta({ description: "that it ended, on the replica where it was taken" }),
  /** False where its record from before says nothing of what was held. */
  isWhole: z.boolean(),
});

/** How the plane looks for what became of an unknown, and when next. */
export const unknownView = z.strictObject({
  action: actionId,
  sentence: z.string(),
  look: z.strictObject({
    tool: z.string().nullable().meta({ description: "that is asked; null where no tool says how to look" }),
    sentence: z.string(),
    nextAt: time.nullable(),
  }),
  /** Null: the asking person may settle it; else why not. */
  notYours: z.string().nullable(),
});

/** A workflow's rules of the road as two paragraphs, and the file that they are made of. */
export const workflowRules = z.strictObject({
  workflow: z.string(),
  paragraphs: z.tuple([z.string(), z.string()]),
  file: z.string(),
  text: z.string(),
  digest: digest.meta({ description: "SHA-256 of the file" }),
  blob: z.string().meta({
    description: "as Git names the same bytes: `git rev-parse <commit>:<file>` prints it where they are that",
  }),
  inForce: z.strictObject({
    revision: z.int(),
    digest: z.string(),
    by: z.string(),
    at: time,
    signedBy: z.string().nullable(),
  }),
  answering: z.array(z.strictObject({ person: z.string(), as: z.enum(["DRI", "deputy", "cover"]) })),
  rules: z.array(
    z.strictObject({
      rule: z.string(),
      by: z.array(z.string()),
      state: z.enum(["enforced", "observed", "prose", "unbound"]),
      why: z.string(),
      stated: z.boolean(),
    }),
  ),
});

export const proseBody = z.strictObject({ prose: z.string().min(1).max(50_000) });
export const proseDraft = z.strictObject({
  file: z.string().meta({ description: "text of a workflow file" }),
  faults: z.array(z.strictObject({ sentence: z.string(), help: z.string() })),
  named: z.array(z.string()).meta({ description: "members that the prose names without saying them" }),
});

export const workspaceFiles = z.strictObject({
  digest: z.string().nullable(),
  files: z.record(z.string(), z.string()),
});

export const decidedQuery = z.strictObject({
  policy: z.string().min(1).max(300).exactOptional().meta({ description: "its id; else every policy, in figures" }),
});
export const policyDecisions = z.strictObject({
  looked: z.int().meta({ description: "how many of the newest actions were looked at" }),
  isWhole: z.boolean(),
  since: time,
  policies: z.array(
    z.strictObject({
      policy: z.string(),
      determined: z.int(),
      missed: z.int().meta({ description: "decisions in which it names the tool and did not hold" }),
      lastAt: time.nullable(),
    }),
  ),
  decisions: z.array(
    z.strictObject({
      action: actionId,
      step: z.int(),
      at: time,
      agent: z.string(),
      workflow: z.string(),
      tool: z.string(),
      effect,
      held: z.boolean().meta({ description: "false: a near miss, which says why in `sentence`" }),
      sentence: z.string(),
    }),
  ),
});

export const nearMissQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(90).default(7).meta({ description: "how many days back" }),
  ...page,
});
/** What nearly happened: refused by a rule or a check, denied by a person, or undone within an hour. */
export const nearMisses = z.strictObject({
  days: z.int(),
  nearMisses: z.array(
    z.strictObject({
      action: actionId,
      kind: z.enum(["denied", "caught by a check", "denied by a person", "undone"]),
      at: time.meta({ description: "when it was refused or undone", format: "date-time" }),
      agent: z.string(),
      workflow: z.string(),
      tool: z.string(),
      sentence: z.string(),
    }),
  ),
  next: next.meta({ description: "cursor of the next page; a page may hold less than was asked for and have it" }),
});

/** How long people look before they answer: what a draft would cost of their time. */
export const approverPace = z.strictObject({
  days: z.int(),
  answers: z.int(),
  medianMs: z.number().nullable().meta({ description: "null where nobody answered" }),
});

export const usesQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(30).default(7).meta({ description: "how many days back" }),
});
export const workflowName = z.strictObject({ name });

/** The closed table of who may do what to the plane. */
export const roles = z.strictObject({
  deeds: z.array(
    z.strictObject({
      deed: z.string(),
      roles: z.array(z.string()),
      also: z.array(z.enum(["dri", "owner", "self", "asked"])),
      second: z.boolean().meta({ description: "its second half belongs to another person" }),
    }),
  ),
});
