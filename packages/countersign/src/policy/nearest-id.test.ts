import { expect, it } from "vitest";
import { nearestId } from "./nearest-id.ts";
import { forbid, permit, smallSet } from "./small-set.fixture.ts";

it("of a policy that there is not, the one is named that was probably meant", () => {
  const policies = smallSet(permit("may"), forbid("refunds", "when { context.run.tainted }"));
  expect(nearestId("refund", policies)).toBe("did you mean `refunds`?");
  expect(nearestId("something-else", policies)).toBeUndefined();
});
