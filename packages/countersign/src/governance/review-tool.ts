import { type ReviewAnswer, review } from "../catalog/index.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** A person's word on a definition whose difference they were shown. */
export async function reviewTool(
  control: Control,
  person: PersonCaller,
  answer: Omit<ReviewAnswer, "by">,
): Promise<void> {
  requireMay(person, "review-tool", contextOf(control, {}));
  await govern(control, {
    kind: "reviewed",
    person: person.email,
    tool: `${answer.server}.${answer.tool}`,
    payload: { ...answer, by: person.email },
    change: async (tx) => void (await review(tx, control.parts.clock, { ...answer, by: person.email })),
  });
  // Whoever reviewed it is told when it can be called, or that it cannot.
  await control.keeper.proven();
}
