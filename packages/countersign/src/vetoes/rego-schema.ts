import * as api from "@countersign/contract/api";
import { z } from "zod";

/** The JSON Schema of the decision document as `opa check -s` reads it: draft 7, without references. */
export function regoInputSchema(): string {
  const schema = z.toJSONSchema(api.decisionDocument, { target: "draft-7", reused: "inline", io: "output" });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
