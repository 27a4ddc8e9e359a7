import { describe, expect, it } from "vitest";
import type { ArgumentTypes } from "../argument-types.ts";
import type { CompiledPolicies } from "../policy.ts";
import { readAnew } from "./differing-needs.ts";

const paths: ArgumentTypes = { paths: { kind: "set", of: { kind: "string" } } };
const set = (window: string, parsed: { readonly [name: string]: ArgumentTypes }, tool = "files.write") =>
  ({
    policies: [
      {
        id: "w/guardrail/calls",
        source: "workflow",
        principal: { type: "Workflow", id: "w" },
        action: ["files.write"],
        annotations: { window },
      },
    ],
    tools: { [tool]: { path: { kind: "string" }, parsed: { kind: "parsed", of: parsed } } },
  }) as unknown as CompiledPolicies;

describe("limits whose argument the catalog reads otherwise than before", () => {
  const each = "count of files.write per args.path within 1d";
  const named = ["w/guardrail/calls"];

  it("are those that count by it and stay as they are", () => {
    expect(readAnew(set(each, {}), set(each, { path: paths }))).toEqual(named);
    expect(readAnew(set(each, { path: paths }), set(each, {}))).toEqual(named);
    expect(readAnew(set(each, { path: paths }), set(each, { path: paths, other: paths }))).toEqual([]);
  });

  it("are none that count by something else, are counted anew, or whose tool was not there", () => {
    const whole = "count of files.write per workflow within 1d";
    expect(readAnew(set(whole, {}), set(whole, { path: paths }))).toEqual([]);
    expect(readAnew(set(each, {}), set(each.replace("1d", "2d"), { path: paths }))).toEqual([]);
    expect(readAnew(set(each, {}, "files.read"), set(each, { path: paths }))).toEqual([]);
  });
});
