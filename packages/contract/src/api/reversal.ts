import { z } from "zod";
import { actionId, idOf, next, page, reason, runId, time } from "./text.ts";

const leave = z
  .array(actionId)
  .max(100)
  .meta({ description: "actions that are to stay; what came before them to the same target stays as well" });

export const reverseRunBody = z.strictObject({
  reason,
  children: z.boolean().default(false).meta({ description: "also the runs that were opened under it" }),
  leave: leave.default([]),
});

export const giveUpReversalBody = z.strictObject({ reason });

const flag = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .default(false);

export const reversalPreviewQuery = z.strictObject({
  children: flag.meta({ description: "also the runs that were opened under it: `true` or `false`" }),
  leave: z
    .string()
    .max(4000)
    .transform((text) => text.split(",").filter((part) => part !== ""))
    .pipe(leave)
    .exactOptional()
    .meta({ description: "actions that are to stay, with commas" }),
  ...page,
});

const line = {
  deed: actionId,
  run: runId,
  tool: z.string().nullable(),
  target: z.string().nullable().meta({ description: "null where the record was erased" }),
};

/** What the reversal of a run would do. Nothing is done. */
export const reversalPreview = z.strictObject({
  run: runId,
  runs: z.array(runId),
  undo: z.int().meta({ description: "how many can be undone" }),
  left: z.int().meta({ description: "how many cannot, or are to stay" }),
  reversed: z.int().meta({ description: "how many were undone already" }),
  open: z.int().meta({ description: "how many nobody can say of yet: still on their way, or unknown" }),
  lines: z
    .array(
      z.strictObject({
        ...line,
        agent: z.string().nullable(),
        workflow: z.string().nullable(),
        at: time,
        sent: time.nullable(),
        fate: z.enum(["undo", "left", "reversed", "open", "refused"]).meta({
          description:
            "`refused`: its undo would be refused now, or is not yours to ask for: the reversal would stop there",
        }),
        sentence: z.string().meta({ description: "how it is undone, or why not" }),
        by: actionId.exactOptional().meta({ description: "its undo, or the later action that keeps it" }),
        needs: z.array(z.string()).meta({ description: "what people would have to give first" }),
        changed: z.boolean().exactOptional().meta({
          description: "whether its target changed since, or nobody can tell; absent where that was not looked at",
        }),
      }),
    )
    .meta({ description: "what was sent last first: the order of the undos" }),
  next,
});

const brief = {
  id: idOf("rev"),
  run: runId.meta({ description: "the run that it was asked for" }),
  children: z.boolean().meta({ description: "whether the runs that are opened under it are in it, too" }),
  state: z.enum(["going", "waiting", "stopped", "ended", "given-up"]).meta({
    description:
      "`waiting` goes on by itself once that is over; `stopped` goes on where somebody asks again; `given-up` does not",
  }),
  sentence: z.string(),
  total: z.int().meta({ description: "how many it is about" }),
  done: z.int().meta({ description: "how many are undone" }),
  left: z.int().meta({ description: "how many cannot be, or are to stay" }),
};

export const reversalBrief = z.strictObject(brief);

/** How far the reversal of a run is. */
export const reversal = z.strictObject({
  ...brief,
  runs: z.array(runId),
  by: z.string(),
  at: time,
  endedAt: time.nullable(),
  givenUpBy: z.string().nullable(),
  waitsFor: z
    .strictObject({
      because: z.string().meta({
        description:
          "`held`, `unknown`, `open`, `running`, `budget` or `unavailable`; stopped: `refused`, `failed`, `forbidden` or `arrived`",
      }),
      sentence: z.string(),
      action: actionId.nullable(),
    })
    .nullable()
    .meta({ description: "what it waits for, or stopped at; given up: the undo that is left to end" }),
  steps: z
    .array(
      z.strictObject({
        ...line,
        state: z.enum(["waiting", "done", "left", "nothing"]).meta({
          description: "`nothing`: nothing of it happened after all",
        }),
        undo: actionId.nullable(),
        why: z.string().nullable(),
      }),
    )
    .meta({ description: "in the order in which they are undone" }),
  next,
});
