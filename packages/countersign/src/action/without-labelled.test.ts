import { expect, it } from "vitest";
import { closedRelay } from "./without-labelled.ts";

const decided = (kind: "redact" | "record_full", ...labels: string[]) => ({
  decision: { sentence: "allowed", obligations: [{ kind, policy: "p", properties: { labels } }] },
});

it("what a server says beside an answer that is cut goes nowhere, and a call that is not cut is relayed as ever", async () => {
  const closed = closedRelay(decided("redact", "personal"));
  expect(closed).toBeDefined();
  closed?.notify({ method: "notifications/message", params: { data: "lea@client.example" } });
  expect(await closed?.request({ method: "elicitation/create" })).toMatchObject({ error: { code: -32_600 } });
  expect(closedRelay(decided("record_full"))).toBeUndefined();
  expect(closedRelay({})).toBeUndefined();
});
