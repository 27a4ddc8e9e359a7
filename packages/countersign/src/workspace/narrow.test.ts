import { expect, it } from "vitest";
import { narrowWorkflow } from "./narrow.ts";

it("a guardrail loses what is not granted any more, and goes with its last tool", () => {
  const text = `allow: [a.look, a.put, a.wipe] # all
guardrails:
  - use: done-before
    tools: [a.put]
    done: a.look
    since: a.wipe
    within: 1h
  - use: done-before
    name: kept
    tools: [a.put, a.wipe]
    done: a.look
    since: a.put
    within: 1h
  - use: four-eyes
    tools: [a.wipe]
    from: sre
  - { use: right-after, name: one, tools: [a.put], done: [a.wipe], may: never, within: 1h }
  - { use: right-after, name: two, tools: [a.put], done: [a.wipe, a.look], may: never, within: 1h }
  - { use: right-after, name: three, tools: [a.put], done: [a.wipe], may: only, within: 1h }
`;
  expect(narrowWorkflow(text, ["a.wipe"], [])).toBe(`allow: [a.look, a.put] # all
guardrails:
  - use: done-before
    tools: [a.put]
    done: a.look
    within: 1h
  - use: done-before
    name: kept
    tools: [a.put]
    done: a.look
    since: a.put
    within: 1h
  - {use: right-after, name: two, tools: [a.put], done: [a.look], may: never, within: 1h}
  - {use: right-after, name: three, tools: [a.put], done: [a.wipe], may: only, within: 1h}
`);
});
