import { z } from "zod";
import { editLink, question, state, undoLink } from "./action.ts";
import { checkFact } from "./decision.ts";
import { idOf, json, next, page, time, workload } from "./text.ts";

const optional = z.string().exactOptional();
const policyText = z.looseObject({
  id: z.string(),
  digest: z.string(),
  effect: z.enum(["permit", "forbid"]),
  text: z.string(),
});

/** The six questions about an action, always answered. */
export const actionReceipt = z.strictObject({
  id: idOf("act", "dec"),
  state,
  advisory: z.boolean(),
  disclosed: z.boolean(),
  /** By whom, when and why what it said was erased. */
  erased: z
    .strictObject({ by: z.array(z.string()), at: time, because: z.string(), receipt: z.string() })
    .exactOptional(),
  what: z.strictObject({
    sentence: z.string(),
    agent: z.string(),
    workflow: z.string(),
    dri: z.string(),
    owner: z.string(),
    onBehalfOf: optional,
    workload: workload.exactOptional(),
    tool: z.string(),
    verb: z.string(),
    target: z.string(),
    environment: z.string(),
    tier: z.number(),
    run: z.string(),
    planned: z.boolean().exactOptional(),
    door: z.string(),
    args: json,
    beyond: json.exactOptional(),
    argsDigest: z.string(),
    callDigest: z.string(),
    result: json.exactOptional(),
    isError: z.boolean().exactOptional(),
    resultDigest: optional,
    attempts: z.int(),
    claim: optional,
    questions: z.array(question).exactOptional(),
    editedTo: editLink.exactOptional(),
    editOf: editLink.exactOptional(),
    undoes: undoLink.exactOptional(),
    moves: z.array(
      z.strictObject({
        at: time,
        recordedAt: time,
        kind: z.string(),
        from: z.string().nullable(),
        to: z.string().nullable(),
        person: optional,
      }),
    ),
  }),
  data: z.strictObject({
    direction: z.enum(["read", "written", "proposed", "none"]),
    system: z.string(),
    resources: z.array(z.string()),
    labels: z.array(z.string()),
    given: z.array(
      z.strictObject({
        at: time,
        asked: z.string(),
        questionDigest: z.string(),
        answerDigest: z.string(),
        answer: json.exactOptional(),
        withheld: optional,
      }),
    ),
    flow: z.strictObject({ sentence: z.string(), facts: json }).exactOptional(),
    redactions: z.int(),
    /** What is so confidential, or more, was cut out of its answer. */
    cut: z.enum(["public", "internal", "personal", "secret"]).exactOptional(),
    withheld: optional,
  }),
  policy: z.strictObject({
    effect: z.string(),
    observed: optional,
    sentence: z.string(),
    determining: z.array(policyText),
    policySet: z.strictObject({ revision: z.number(), digest: z.string() }),
    /** Who put these rules in force; `single` where the organisation was one person. */
    inForce: z
      .strictObject({
        by: z.string(),
        signedBy: z.string().nullable(),
        single: z.boolean(),
        at: time,
        receipt: optional,
      })
      .exactOptional(),
    input: json.exactOptional(),
    nearMiss: z.array(z.looseObject({ policy: z.string(), sentence: z.string() })),
    errors: z.array(z.string()),
  }),
  checks: z.array(checkFact),
  approvals: z.strictObject({
    sentence: z.string(),
    answers: z.array(z.looseObject({ person: z.string() })),
    /** What was granted beforehand and counted here. */
    grants: z.array(z.strictObject({ grant: z.string(), person: z.string(), until: time })).exactOptional(),
    /** What they were shown, made again from the record: its canonical JSON has this digest. */
    shown: z.array(z.strictObject({ shownDigest: z.string(), document: json })),
  }),
  reversal: z.strictObject({
    sentence: z.string(),
    plan: json.exactOptional(),
    reversedBy: optional,
    reverses: optional,
    lastWorked: optional,
  }),
  /** Members that this reader may not see, as JSON pointers; their digests stay. */
  withheld: z.array(z.string()),
});

/** The receipt of a deed of governance. */
export const deedReceipt = z.strictObject({
  id: z.string(),
  kind: z.string(),
  person: z.string().nullable(),
  agent: z.string().nullable(),
  workflow: z.string().nullable(),
  tool: z.string().nullable(),
  at: time,
  recordedAt: time,
  disclosed: z.boolean(),
  payload: json,
  withheld: z.array(z.string()),
});

export const receipt = z.union([actionReceipt, deedReceipt]);
/** A stop's id stands for the deed by which it was taken. */
export const receiptId = idOf("act", "gov", "dec", "stp");

export const bundleQuery = z.strictObject({
  since: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).exactOptional().meta({
    description: "size of a checkpoint that the reader has pinned",
  }),
});

export const readers = z.strictObject({
  readers: z.array(z.strictObject({ person: z.string(), how: z.string(), method: z.string(), at: time })),
});

export const lookupQuery = z.strictObject({
  q: z.string().trim().min(2).max(2000).meta({
    description: 'an id, a run, a name, an address, a ticket, a commit, words; `"words in this order"`',
  }),
  cursor: z
    .string()
    .regex(/^act_[0-7][0-9a-hjkmnp-tv-z]{25}(\.[0-9x])?$/)
    .exactOptional()
    .meta({ description: "`next` of the page before" }),
  limit: page.limit,
});

export const found = z.strictObject({
  /** What the text was taken for. */
  taken: z.enum(["id", "run", "agent", "workflow", "tool", "text"]),
  actions: z.array(
    z.strictObject({
      id: z.string(),
      tool: z.string().nullable(),
      agent: z.string().nullable(),
      workflow: z.string().nullable(),
      target: z.string().exactOptional(),
      at: time,
      state: state.nullable(),
      receipt: z.string(),
    }),
  ),
  /** How many of the newest actions were looked through one by one for a piece of their target: the index knew nothing. */
  searched: z.int().exactOptional(),
  index: z.strictObject({
    /** What was recorded before this moment is in the index. */
    indexedUpTo: time,
    /** Entries that are not in it yet. The newest of them were looked at by themselves. */
    behind: z.int(),
  }),
  next,
});
