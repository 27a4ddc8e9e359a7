import type { JsonObject } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { beyondArguments, shownBeyond } from "./beyond.ts";

describe("what travels with the arguments", () => {
  it("is every member of a tool call's params but its name and its arguments", () => {
    const args = { path: "a" };
    const params = { name: "put", arguments: args, inputResponses: { ok: { action: "accept" } }, requestState: "s" };
    expect(beyondArguments({ method: "tools/call", params, args })).toEqual({
      inputResponses: { ok: { action: "accept" } },
      requestState: "s",
    });
    expect(beyondArguments({ method: "tools/call", params: { name: "put", arguments: args, _meta: {} }, args })).toBe(
      undefined,
    );
  });

  it("is shown without what only carries the exchange", () => {
    const _meta = { progressToken: 1, "io.modelcontextprotocol/clientInfo": { name: "c" }, "acme.example/note": "x" };
    const of = (params: JsonObject) => shownBeyond({ method: "tools/call", params, args: {} });
    expect(of({ name: "put", _meta })).toEqual({ _meta: { "acme.example/note": "x" } });
    expect(of({ name: "put", _meta: { progressToken: 1 } })).toBe(undefined);
    expect(of({ name: "put", inputResponses: { who: {} }, _meta: { progressToken: 1 } })).toEqual({
      inputResponses: { who: {} },
    });
  });

  it("is what is no argument of another method", () => {
    const params = { uri: "test://a", inputResponses: { who: {} }, _meta: { note: "x" } };
    expect(beyondArguments({ method: "resources/read", params, args: { uri: "test://a" } })).toEqual({
      inputResponses: { who: {} },
      _meta: { note: "x" },
    });
  });
});
