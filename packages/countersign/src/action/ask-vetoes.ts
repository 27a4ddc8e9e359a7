import type { DecisionInput, Requirement, VetoFact } from "@countersign/contract";
import { vetoQuestion, vetoQuestionDigest } from "../policy/index.ts";
import type { Parts } from "./parts.ts";
import type { Plane } from "./plane.ts";

/**
 * Asks every veto that the decision waits for, at once. What it is sent holds no secret: the base checks have passed,
 * and what they would not see is cut as from everything that leaves.
 */
export async function askVetoes(
  parts: Parts,
  plane: Plane,
  input: DecisionInput,
  requirements: readonly Requirement[],
  depth: number,
): Promise<readonly VetoFact[]> {
  const { vetoes } = parts;
  const wanted = requirements.filter((requirement) => requirement.kind === "veto");
  const rules = plane.vetoes?.(input.principal.workflow, input.action.tool) ?? [];
  const { value: question, count } = parts.checking.redact(vetoQuestion(input));
  const asked = { question: question as never, questionDigest: vetoQuestionDigest(input), at: input.at, depth };
  return Promise.all(
    wanted.map(async ({ policy, policyDigest }): Promise<VetoFact> => {
      const rule = rules.find(({ name, digest }) => `veto:${name}` === policy && digest === policyDigest);
      const none = (fault: string) => refused(policy.slice("veto:".length), policyDigest, asked, fault);
      if (rule === undefined || vetoes === undefined) return none("nothing here can ask it");
      if (count > 0) return none("the question holds a secret, so it was not sent");
      return checked(parts, plane, input, await vetoes(rule.rule, asked));
    }),
  );
}

type Asked = Pick<VetoFact, "questionDigest" | "at">;

function refused(veto: string, rule: string, { questionDigest, at }: Asked, fault: string): VetoFact {
  const none = { microseconds: 0, effect: "deny", cures: [], obligations: [] } as const;
  return { veto, kind: "opa-http", rule, questionDigest, at, ...none, fault };
}

/** An approval that nobody can give would only wait; and its words are kept as everything from outside is: without secrets. */
function checked(parts: Parts, plane: Plane, input: DecisionInput, fact: VetoFact): VetoFact {
  const nobody = fact.cures.find(
    (cure) => cure.kind === "approval" && plane.asked(cure.from, input.principal.workflow).length === 0,
  );
  const fault = nobody === undefined ? {} : { effect: "deny" as const, cures: [], obligations: [] };
  const why = nobody === undefined ? {} : { fault: "it asks for an approval of a group or person that nobody here is" };
  const { reason } = fact;
  const told = reason === undefined ? {} : { reason: String(parts.checking.redact(reason).value) };
  return { ...fact, ...told, ...fault, ...why };
}
