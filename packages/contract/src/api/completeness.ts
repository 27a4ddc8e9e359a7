import { z } from "zod";
import { ledgerState } from "./ledger.ts";
import { actionId, name, next, period, time } from "./text.ts";

export const completenessQuery = z.strictObject({
  ...period,
  workflow: name.exactOptional().meta({ description: "this workflow alone; its DRI may ask for it" }),
  cursor: actionId.exactOptional().meta({ description: "`next` of the page before" }),
});

const measured = (what: string) =>
  z
    .strictObject({
      of: z.int().meta({ description: "how many there are" }),
      have: z.int().meta({ description: "how many of them hold" }),
    })
    .meta({ description: what });
const many = (what: string) => z.int().meta({ description: what });

/** What must be on record of each action of a window, and what of it is not. */
export const completeness = z.strictObject({
  since: time,
  until: time,
  actions: z.int().meta({ description: "actions that this page looked at" }),
  measures: z.strictObject({
    intent: measured(
      "of what ran: an intent that was on record before it was sent, with a decision that let it through",
    ),
    inputs: measured("what was asked for is on record, or was erased by a deed that is"),
    outcome: measured("of what does not wait and is not under way: what became of it is on record"),
    outputs: measured("of what ran: what came of it is on record, or why not"),
    approval: measured("of what ran after rules asked people: the people that they asked for answered, counted anew"),
    order: measured(
      "entries that stand in their order and whose times rise, within their action and their writer's chain",
    ),
  }),
  reasons: z.strictObject({
    refused: many("refused: nothing ran"),
    failed: many("certainly never happened"),
    unknown: many("sent, and nobody knows what became of it; people are asked"),
    erased: many("their content was erased; approvals of these cannot be counted anew"),
    redacted: many("secrets were cut from what came of it"),
    withheld: many("what came of it is not kept, and the record says why"),
    granted: many("an approval was given beforehand, by a grant that is on record"),
    released: many("rules asked people while it waited, and did not any more when it ran"),
    waiting: many("still wait"),
    inFlight: many("still under way"),
  }),
  gaps: z.array(
    z.strictObject({
      action: z.string().meta({ description: "the id of its receipt" }),
      workflow: z.string(),
      at: time.meta({ description: "when it was asked for" }),
      kind: z.enum(["intent", "inputs", "outcome", "outputs", "approval", "order"]),
      sentence: z.string(),
    }),
  ),
  log: ledgerState.meta({ description: "how far the signed tree and its anchors reach now" }),
  next,
});
