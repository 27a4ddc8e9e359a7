import { expect, it } from "vitest";
import { requireOneCall } from "./one-call.ts";
import type { Submission } from "./submission.ts";

const args = { path: "/sandbox/a" };
const right: Submission = {
  server: "files",
  tool: "write",
  method: "tools/call",
  params: { name: "write", arguments: args },
  args,
  door: "mcp",
};
const uri = { uri: "file:///a" };
const read: Submission = {
  server: "files",
  tool: "mcp:resources/read",
  method: "resources/read",
  params: { ...uri, _meta: {} },
  args: uri,
  door: "mcp",
};

it("a call that sends what it names passes", () => {
  for (const one of [right, read, { ...right, params: { name: "write" }, args: {} }]) requireOneCall(one);
  requireOneCall({ ...right, params: { name: "write", arguments: { path: "/sandbox/a" } } });
});

it.each<[string, Partial<Submission>, Submission]>([
  ["another tool", { params: { name: "remove", arguments: args } }, right],
  ["other arguments", { params: { name: "write", arguments: { path: "/production/a" } } }, right],
  [
    "a method in a tool's clothes",
    { tool: "mcp:resources/read", params: { name: "mcp:resources/read" }, args: {} },
    right,
  ],
  ["another method", { tool: "mcp:prompts/get" }, read],
  ["another address", { params: { uri: "file:///b" } }, read],
  ["no address", { params: {} }, read],
])("a call that would send %s is no call", (_, change, one) => {
  expect(() => requireOneCall({ ...one, ...change })).toThrow("would send another");
});
