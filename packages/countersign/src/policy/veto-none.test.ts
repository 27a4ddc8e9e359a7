import { expect, it } from "vitest";
import { asks } from "./acme.fixture.ts";
import { outcomeFor } from "./decide.ts";
import { permit, smallSet } from "./small-set.fixture.ts";
import { withVetoes } from "./veto.ts";

it("where no veto is attached and none has answered, nothing changes, whatever the input is", () => {
  const policies = smallSet(permit("may"));
  const input = asks({ tool: "s.t", verb: "execute", principal: { agent: "bot", workflow: "w" } });
  const outcome = outcomeFor(input, policies);
  expect(outcome.effect).toBe("allow");
  expect(withVetoes(outcome, input, policies, [])).toBe(outcome);
  const unwritable = { ...input, args: { n: 1n } } as never;
  expect(withVetoes(outcome, unwritable, policies, [])).toBe(outcome);
  // An answer that cannot be told from another question's denies.
  const veto = { name: "v", digest: "sha256:v" } as never;
  expect(withVetoes(outcome, input, policies, [veto]).effect).toBe("require");
  expect(withVetoes(outcome, unwritable, policies, [veto])).toMatchObject({
    effect: "deny",
    errors: ["a veto's answer could not be read"],
  });
  const denied = { ...outcome, effect: "deny" } as const;
  expect(withVetoes(denied, input, policies, [veto])).toBe(denied);
});
