import { z } from "zod";
import { digest, idOf, json, jsonObject, name, next, page, reason, time, toolName } from "./text.ts";

/** What is not settled about it, in sentences. */
const gaps = z.array(z.string());

/** What is in force, as people read it. */
export const agents = z.strictObject({
  agents: z.array(
    z.strictObject({
      name: z.string(),
      owner: z.string(),
      workflow: z.string().nullable(),
      dri: z.string().nullable(),
      tier: z.int().nullable(),
      purpose: z.string().nullable(),
      /** Why it may not act now; null where it may. */
      frozen: z.string().nullable(),
      /** The last day on which its workflow is only observed; null where its rules bite. */
      observedUntil: z.string().nullable(),
      gaps,
    }),
  ),
});

export const people = z.strictObject({
  people: z.array(
    z.strictObject({
      email: z.string(),
      name: z.string(),
      roles: z.array(z.string()),
      groups: z.array(z.string()),
      manager: z.string().nullable(),
      /** In no file: a rule lets them in by what the identity provider says. */
      newcomer: z.boolean(),
      disabled: z.boolean(),
      passkeys: z.int(),
      gaps,
    }),
  ),
});

export const endLoginsBody = z.strictObject({
  reason,
  forget: z.boolean().default(false).meta({
    description: "also their passkeys, and what the identity provider said of them",
  }),
});
export const loginsEnded = z.strictObject({
  receipt: z.string(),
  sessions: z.int(),
  credentials: z.int(),
  passkeys: z.int(),
});

export const gapList = z.strictObject({
  gaps: z.array(
    z.strictObject({
      kind: z.enum(["agent", "person", "group", "workflow", "server"]),
      name: z.string(),
      sentence: z.string(),
    }),
  ),
});

export const groups = z.strictObject({
  groups: z.array(
    z.strictObject({ name: z.string(), purpose: z.string().nullable(), members: z.array(z.string()), gaps }),
  ),
});

export const workflows = z.strictObject({
  workflows: z.array(z.looseObject({ name: z.string(), dri: z.string(), gaps })),
});

export const catalog = z.strictObject({
  servers: z.array(
    z.strictObject({
      server: z.string(),
      tools: z.array(
        z.strictObject({
          id: z.string(),
          name: z.string(),
          description: z.string().nullable(),
          digest: z.string(),
          reviewed: z.boolean(),
        }),
      ),
    }),
  ),
  faults: z.array(z.strictObject({ server: z.string(), detail: z.string() })),
});

export const policies = z.strictObject({
  revision: z.number(),
  digest: z.string(),
  policies: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string().nullable(),
      effect: z.enum(["permit", "forbid"]),
      source: z.enum(["shipped", "workflow", "own"]),
      file: z.string(),
      mode: z.string(),
      digest: z.string(),
      text: z.string(),
    }),
  ),
  warnings: z.array(z.looseObject({ file: z.string(), detail: z.string() })),
});

export const waiverBody = z.strictObject({
  agent: name,
  workflow: name,
  tier: z.literal([1, 2, 3]),
  days: z.int().min(1).max(30),
  reason,
});

export const waiverMade = z.strictObject({ id: z.string(), inForce: z.boolean() });

const waiver = {
  id: z.string(),
  agent: z.string(),
  workflow: z.string(),
  tier: z.int(),
  reason: z.string(),
};
export const waivers = z.strictObject({
  inForce: z.array(z.strictObject({ ...waiver, by: z.array(z.string()), from: time, until: time })),
  proposed: z.array(
    z.strictObject({
      ...waiver,
      days: z.int(),
      by: z.string(),
      yours: z.boolean().meta({ description: "the asking person may sign it" }),
    }),
  ),
});

export const reviews = z.strictObject({
  reviews: z.array(
    z.strictObject({
      server: z.string(),
      tool: z.string(),
      digest: z.string(),
      status: z.enum(["changed", "new"]),
      was: z.string().exactOptional(),
      lines: z.array(z.string()),
      /** What the server says of it now, and what people reviewed before: to be compared word by word. */
      definition: jsonObject.exactOptional(),
      before: jsonObject.exactOptional(),
      seenAt: time,
    }),
  ),
});

export const reviewBody = z.strictObject({
  server: name,
  tool: toolName,
  digest,
  answer: z.enum(["approve", "reject"]),
});

export const workspace = z.strictObject({
  digest: z.string().nullable(),
  revision: z.int().nullable(),
  appliedBy: z.string().nullable(),
  appliedAt: time.nullable(),
  /** The second person; null for the first workspace, and where there is nobody else. */
  signedBy: z.string().nullable(),
  /** One person was enough: the organisation is one. */
  single: z.boolean(),
  files: z.array(z.strictObject({ file: z.string(), digest: z.string() })),
});

export const files = z
  .custom<{ readonly [path: string]: string }>(
    (value) =>
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.entries(value).length <= 2000 &&
      Object.entries(value).every(([path, text]) => path.length > 0 && path.length <= 300 && typeof text === "string"),
    { error: "expected an object from a file's path to its text" },
  )
  .meta({ type: "object", additionalProperties: { type: "string" } });

export const planBody = z.strictObject({ files });
export const applyBody = z.strictObject({
  files,
  expected: digest.exactOptional().meta({ description: "digest of the workspace that the plan was made against" }),
});
export const plan = z.strictObject({ plan: jsonObject, problems: z.array(json) });
const outcome = { plan: jsonObject, problems: z.array(json), receipt: z.string() };
/** In force, or proposed: then it waits for a second person. */
export const applied = z.strictObject({ ...outcome, inForce: z.boolean(), proposal: idOf("gov").exactOptional() });

const proposalLine = {
  id: idOf("gov"),
  by: z.string(),
  vouchedBy: z.array(z.string()),
  at: time,
  expiresAt: time,
  digest: digest.meta({ description: "of the files: what a signature names" }),
  before: digest.meta({ description: "of what is in force; under anything else the proposal is void" }),
  plan: jsonObject,
  /** The asking person may sign it. */
  yours: z.boolean(),
};
export const proposals = z.strictObject({ proposals: z.array(z.strictObject(proposalLine)) });
export const proposal = z.strictObject({
  ...proposalLine,
  /** Every file that differs from what is in force, line by line. */
  files: z.array(z.strictObject({ file: z.string(), lines: z.array(z.string()) })),
});
export const signBody = z.strictObject({ digest: digest.meta({ description: "of the files that were looked at" }) });

export const secretBody = z.strictObject({
  name: z.string().min(1).max(128),
  value: z.string().min(1).max(65_536),
});
export const secretKept = z.strictObject({ name: z.string(), version: z.int(), receipt: z.string() });
export const secretRemoveBody = z.strictObject({
  name: z.string().min(1).max(128),
  although: reason.exactOptional().meta({ description: "why it goes, where files in force still refer to it" }),
});
export const secretRemoved = z.strictObject({
  name: z.string(),
  versions: z.int().meta({ description: "how many versions of it were destroyed" }),
  usedBy: z.array(z.string()).meta({ description: "what in force still refers to it, and fails from now on" }),
  receipt: z.string(),
});
export const secrets = z.strictObject({
  secrets: z.array(z.strictObject({ name: z.string(), version: z.int(), at: time })),
});

const keyId = z.string().meta({ description: "id of a sealing key, eight hex digits" });
const sealed = {
  keyId,
  retiring: z.array(keyId).meta({ description: "older keys that something may still be sealed with" }),
  left: z.int().meta({ description: "how many things an older key still seals" }),
};
export const sealing = z.strictObject(sealed);
export const sealingRotated = z.strictObject({ ...sealed, before: keyId, receipt: z.string() });

export const alertQuery = z.strictObject({
  cursor: idOf("gov").exactOptional().meta({ description: "`next` of the page before" }),
  limit: page.limit,
});
export const alerts = z.strictObject({
  alerts: z.array(
    z.strictObject({ id: z.string(), kind: z.string(), subject: z.string(), sentence: z.string(), raisedAt: time }),
  ),
  next,
});

export const governed = z.strictObject({ receipt: z.string() });
export const emptyBody = z.strictObject({});
export const alertPath = z.strictObject({ id: idOf("gov") });

/** What the plane is doing now. */
export const now = z.strictObject({
  at: time,
  agents: z.strictObject({
    active: z.int().meta({ description: "that acted in the last quarter of an hour" }),
    all: z.int(),
  }),
  held: z.strictObject({ count: z.int(), oldestAt: time.nullable() }),
  unknowns: z.int(),
  alerts: z.int(),
  stops: z.int(),
  toSign: z.int().meta({ description: "proposals and waivers that wait for the asking person's signature" }),
  sealed: z.strictObject({ size: z.int(), at: time }).nullable(),
});
