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
`);
});
