import { z } from "zod";
import { type ProblemCode, problems } from "../problems.ts";

const codes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

/** RFC 9457. A refusal is not a problem: it is an answer with a receipt. */
export const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(codes),
  detail: z.string(),
  help: z.string().exactOptional(),
  at: z.string().exactOptional(),
  /** Every fault of a workspace that was not taken. */
  faults: z
    .array(
      z.looseObject({ file: z.string(), line: z.int(), column: z.int(), message: z.string(), severity: z.string() }),
    )
    .exactOptional(),
});
