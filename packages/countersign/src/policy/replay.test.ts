import { expect, it } from "vitest";
import { acme, asks, support } from "./acme.fixture.ts";
import { replay } from "./replay.ts";

it("MT-117 tells each stored input that a narrower set decides otherwise, and none that it decides the same", async () => {
  const inForce = await acme();
  const narrower = await acme("", { workflows: [{ ...support, allow: ["helpdesk.search_tickets"] }] });
  const inputs = [
    asks(),
    asks({ tool: "helpdesk.draft_reply", verb: "propose" }),
    asks({ tool: "helpdesk.send_reply" }),
  ];
  expect(replay(inputs, inForce, inForce)).toEqual([]);
  expect(replay(inputs, inForce, narrower)).toEqual([{ at: 1, now: "allow", narrowed: "deny" }]);
});
