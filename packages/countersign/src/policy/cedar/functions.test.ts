import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, it } from "vitest";
import { holding } from "../prove/request.fixture.ts";
import { callExtension, extensionFunctions } from "./functions.ts";
import { parseIp } from "./ip.ts";
import { parseDatetime, parseDuration } from "./moment.ts";
import { compileProgram } from "./program.ts";
import { Entity, type Value } from "./value.ts";
import { World } from "./world.ts";

describe("an extension function", () => {
  it("takes values of its own kinds, and says of others what they are", () => {
    const cases: readonly (readonly [string, readonly Value[], string])[] = [
      ["ip", [7], "type error: expected string, got long"],
      ["decimal", [true], "type error: expected string, got bool"],
      ["datetime", [new Entity("T", "x")], "type error: expected string, got entity of type T"],
      ["isIpv4", ["10.0.0.1"], "type error: expected ipaddr, got string"],
      ["lessThan", [1, 2], "type error: expected decimal, got long"],
      ["toDate", [parseDuration("1d")], "type error: expected datetime, got duration"],
      ["toDays", [parseDatetime("2024-01-01")], "type error: expected duration, got datetime"],
      ["offset", [parseDatetime("2024-01-01"), 7], "type error: expected duration, got long"],
      [
        "durationSince",
        [parseDatetime("2024-01-01"), parseDuration("1d")],
        "type error: expected datetime, got duration",
      ],
      ["isInRange", [parseIp("10.0.0.1"), "10.0.0.0/8"], "type error: expected ipaddr, got string"],
    ];
    for (const [name, args, message] of cases) expect(() => callExtension(name, args), name).toThrow(message);
  });

  it("is known by its name and the number of its values", () => {
    for (const [name, args] of [
      ["none", ["x"]],
      ["ip", []],
      ["ip", ["10.0.0.1", "10.0.0.2"]],
      ["offset", [parseDatetime("2024-01-01")]],
    ] as const)
      expect(() => callExtension(name, args)).toThrow(`there is no function \`${name}\` of ${args.length} arguments`);
    expect(callExtension("ip", ["10.0.0.1"])).toEqual(parseIp("10.0.0.1"));
    expect(callExtension("toSeconds", [parseDuration("2s")])).toBe(2);
    expect([...extensionFunctions].filter(([, { arity }]) => arity === 2).map(([name]) => name)).toEqual([
      "isInRange",
      "lessThan",
      "lessThanOrEqual",
      "greaterThan",
      "greaterThanOrEqual",
      "offset",
      "durationSince",
    ]);
  });
});

describe("a program of a template", () => {
  const template = (text: string): cedar.PolicyJson => {
    const read = cedar.templateToJson(text);
    if (read.type === "failure") throw new Error(read.errors[0]?.message);
    return read.json;
  };
  const [agent, group] = [new Entity("Agent", "a"), new Entity("Group", "top")];
  const holds = (text: string, slots: Record<string, Entity>) =>
    compileProgram(template(text))(new World(holding(), new Map(Object.entries(slots))));

  it("has in its slots what comes with the world", () => {
    const exact = "permit (principal == ?principal, action, resource);";
    expect(holds(exact, { "?principal": agent })).toBe(true);
    expect(holds(exact, { "?principal": group })).toBe(false);
    const inside = "permit (principal in ?principal, action, resource == ?resource);";
    expect(holds(inside, { "?principal": group, "?resource": new Entity("Target", "t") })).toBe(true);
    expect(holds(inside, { "?principal": group, "?resource": new Entity("Target", "u") })).toBe(false);
    const typed = "permit (principal is Agent in ?principal, action, resource);";
    expect(holds(typed, { "?principal": group })).toBe(true);
    expect(holds(typed, { "?principal": new Entity("Group", "other") })).toBe(false);
    expect(() => holds(exact, { "?resource": agent })).toThrow("slot `?principal` is empty");
  });

  it("takes an entity as it may be escaped, and says where a condition is no truth", () => {
    const bare = template("permit (principal == ?principal, action, resource);");
    const escaped = { op: "==", entity: { __entity: { type: "Agent", id: "a" } } } as const;
    expect(compileProgram({ ...bare, principal: escaped })(new World(holding()))).toBe(true);
    const lost = { op: "==" } as unknown as cedar.PolicyJson["principal"];
    expect(() => compileProgram({ ...bare, principal: lost })(new World(holding()))).toThrow("slot `` is empty");
    const odd = {
      ...bare,
      principal: { op: "All" } as const,
      conditions: [{ kind: "when" as const, body: { Value: 7 } }],
    };
    expect(() => compileProgram(odd)(new World(holding()))).toThrow("type error: expected bool, got long");
  });
});
