import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Collector } from "../support/collector.ts";
import { bo, openTestPlane, type TestPlane } from "../support/plane.ts";

const collector = new Collector();
let plane: TestPlane;
beforeAll(async () => {
  const url = await collector.open();
  const settings = { url: `${url}/logs`, input: "masked", labels: { estate: "acme" } };
  plane = await openTestPlane({
    edit: { "countersign.yaml": (text) => `${text}\ndecisionLog: ${JSON.stringify(settings)}\n` },
  });
});
afterAll(async () => {
  await plane?.close();
  await collector.close();
});

it("what was decided of an action reaches the collector, by the id that its receipt has, without its arguments", async () => {
  const key = await plane.agent("scribe");
  const path = join(plane.folder, "sandbox/pages/welcome.md");
  const body = { server: "files", tool: "read_text_file", arguments: { path } };
  const { json } = await plane.call("POST", "/v1/actions", { key, body });
  expect(json).toMatchObject({ state: "done" });
  const { policy } = (await plane.call("GET", json.receipt, { key: await plane.person(bo) })).json;
  while (collector.events.length === 0) await collector.heard();
  expect(collector.faults).toEqual([]);
  expect(collector.events).toMatchObject([
    {
      decision_id: policy.input.decisionId,
      bundles: { countersign: { revision: policy.policySet.digest } },
      requested_by: "scribe",
      input: { action: { tool: "files.read_text_file" } },
      result: { effect: "allow" },
    },
  ]);
  expect(JSON.stringify(collector.events)).not.toContain("welcome.md");
});

it("what cannot be sent is told by the figures", async () => {
  collector.status = 413;
  const key = await plane.agent("scribe");
  const body = { server: "files", tool: "list_allowed_directories", arguments: {} };
  const heard = collector.heard();
  await plane.call("POST", "/v1/actions", { key, body });
  await heard;
  const { parts } = plane.running.control;
  while (parts.decisionLog?.status().lost === 0) await new Promise((resolve) => setImmediate(resolve));
  const { text } = await plane.call("GET", "/metrics");
  expect(text).toMatch(/^countersign_decision_log_lost 1$/m);
  expect(text).toMatch(/^countersign_decision_log_sent 1$/m);
});
