import { z } from "zod";
import { json, time } from "./text.ts";

export const riskLevel = z.enum(["low", "medium", "high"]);

export const risk = z
  .strictObject({
    level: riskLevel,
    words: z.array(z.strictObject({ word: z.string(), reason: z.string() })),
  })
  .meta({
    description: "words such as `irreversible`, `production` or `first time this target`, each with its reason",
  });

const change = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("text"),
    at: z.string().meta({ description: "the argument that replaces the state" }),
    added: z.int(),
    removed: z.int(),
    lines: z.array(z.string()).meta({
      description:
        "`- ` gone, `+ ` new, two spaces for what stays around them, `…` for lines that stay and are left out",
    }),
  }),
  z.strictObject({ kind: z.literal("value"), at: z.string(), before: json, after: json }),
]);

/** The difference of the target, from the state that was captured and the call's arguments alone. */
export const effect = z.discriminatedUnion("known", [
  z.strictObject({
    known: z.literal(true),
    sentence: z.string().meta({ description: "in counts: `14 lines of content: 9 added, 5 removed`" }),
    changes: z.array(change),
    beside: z.array(z.string()).meta({
      description: "what the call says and the difference does not tell of: arguments, and what lies within them",
    }),
  }),
  z.strictObject({ known: z.literal(false), reason: z.string() }),
]);

/** How much the call touches, counted; `counts` is empty where nobody knows. */
export const touched = z.strictObject({
  counts: z.strictObject({
    objects: z.int().exactOptional(),
    customers: z.int().exactOptional(),
    nodes: z.int().exactOptional(),
    rows: z.int().exactOptional(),
    money: z.strictObject({ minor: z.int(), currency: z.string() }).exactOptional(),
  }),
  sentence: z.string(),
});

export const undo = z.strictObject({
  kind: z.enum(["inverse", "irreversible", "none"]),
  sentence: z.string(),
  until: time.nullable().meta({ description: "until when the plan to undo it is kept; null where nothing ends it" }),
  lastWorked: time.nullable().meta({ description: "when a call of this tool was last undone; null if never" }),
});

const question = z.strictObject({
  policy: z.string(),
  title: z.string().exactOptional(),
  sentence: z.string(),
  from: z.string(),
  count: z.int(),
  answered: z.array(z.string()).meta({ description: "whose approval counts already" }),
  missing: z.int(),
  may: z.array(
    z.strictObject({
      person: z.string(),
      name: z.string(),
      free: z.boolean().meta({ description: "false where they approved as much within the hour as they may" }),
    }),
  ),
  mayNot: z.array(z.string()).meta({ description: "who is excluded: requester, owner, and whoever is behind them" }),
});

export const why = z.strictObject({
  sentence: z.string().meta({ description: "what would be enough" }),
  questions: z.array(question),
  besides: z.array(z.string()).meta({ description: "what else is missing that no person can give" }),
});

/** What the run has read so far, and where the values come from that say where this call goes. */
export const readByRun = z.strictObject({
  sentence: z.string(),
  effect: z.enum(["read", "reversible", "irreversible", "egress"]),
  tainted: z.boolean(),
  sources: z.array(z.strictObject({ tool: z.string(), action: z.string().exactOptional() })),
  read: z.array(z.enum(["public", "internal", "personal", "secret"])),
  destinations: z.record(z.string(), z.enum(["task", "endorsed", "approved", "trusted", "untrusted", "none"])),
});

/** How many answers each question lacks, from whom, and who has given theirs. */
export const missing = z.array(
  z.strictObject({
    policy: z.string(),
    from: z.string(),
    missing: z.int(),
    given: z.array(z.string()),
  }),
);
