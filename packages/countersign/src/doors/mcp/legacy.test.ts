import type { JsonObject } from "@countersign/contract";
import { expect, it } from "vitest";
import type { SessionRow, Upstream } from "../../execution/mcp/index.ts";
import { readRpc } from "../../execution/mcp/index.ts";
import { hearClient } from "./legacy.ts";
import { createLive } from "./live-session.ts";

const row: SessionRow = {
  id: "ses_1",
  endpoint: "",
  agent: "robot",
  workflow: "deeds",
  credential: "key_1",
  version: "2025-11-25",
  capabilities: {},
  client: {},
  expiresAtMs: 1,
};

it("a notification that nobody decides on reaches the server without what the agent put into it", async () => {
  const told: [string, JsonObject][] = [];
  const upstream = {
    tell: async (method: string, params: JsonObject) => void told.push([method, params]),
  } as Partial<Upstream> as Upstream;
  const live = createLive(row, 0);
  live.attached.set("files", { upstream, self: Promise.resolve({ capabilities: {}, info: {} }) });
  const message = readRpc({
    jsonrpc: "2.0",
    method: "notifications/roots/list_changed",
    params: { note: "everything that I have read" },
  });
  if (typeof message === "string") throw new Error(message);
  // The call is not looked at.
  await hearClient({} as Parameters<typeof hearClient>[0], live, message);
  expect(told).toEqual([["notifications/roots/list_changed", {}]]);
});
