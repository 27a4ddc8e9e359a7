import { z } from "zod";
import { jsonObject } from "./text.ts";

/** AuthZEN 1.0. Members beside these are allowed there, so they are here, and say nothing. */
const text = z.string().min(1).max(300);
const properties = jsonObject.exactOptional();
const subject = z.looseObject({ type: text, id: text, properties });
const action = z.looseObject({ name: text, properties });
const resource = z.looseObject({ type: text, id: text, properties });

export const evaluationBody = z.looseObject({
  subject,
  action,
  resource,
  context: jsonObject.exactOptional().meta({ description: "`arguments` of the call, and `run`" }),
});

const part = z.looseObject({
  subject: subject.exactOptional(),
  action: action.exactOptional(),
  resource: resource.exactOptional(),
  context: jsonObject.exactOptional(),
});

export const evaluationsBody = part.extend({
  evaluations: z
    .array(jsonObject)
    .max(100)
    .exactOptional()
    .meta({ description: "at most 100; what one leaves out is taken from the top" }),
  options: z
    .looseObject({
      evaluations_semantic: z
        .enum(["execute_all", "deny_on_first_deny", "permit_on_first_permit"])
        .exactOptional()
        .meta({ description: "whether to go on after the first denial or the first permit" }),
    })
    .exactOptional(),
});

export const evaluation = z.strictObject({ decision: z.boolean(), context: z.looseObject({}).exactOptional() });
export const evaluations = z.union([z.strictObject({ evaluations: z.array(evaluation) }), evaluation]);

export const authzenConfiguration = z.strictObject({
  policy_decision_point: z.string(),
  access_evaluation_endpoint: z.string(),
  access_evaluations_endpoint: z.string(),
});
