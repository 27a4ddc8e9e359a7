import { createRequire } from "node:module";
import type { Clause, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { expect, it } from "vitest";
import { compileProgram } from "../../packages/countersign/src/policy/cedar/program.ts";
import { Entity } from "../../packages/countersign/src/policy/cedar/value.ts";
import { World } from "../../packages/countersign/src/policy/cedar/world.ts";
import { decisiveCondition } from "../../packages/countersign/src/policy/conditions.ts";
import { renderClause } from "../../packages/countersign/src/policy/render.ts";
import type { CedarRequest } from "../../packages/countersign/src/policy/request.ts";
import { type GeneratedPolicy, Generator } from "./generate.ts";
import { Random } from "./random.ts";

type Cedar = typeof import("@cedar-policy/cedar-wasm/nodejs");
const require = createRequire(new URL("../../packages/countersign/src/policy/x.ts", import.meta.url));
const cedar = require("@cedar-policy/cedar-wasm/nodejs") as Cedar;

const all = { op: "All" } as const;

function alone(conditions: readonly Clause[]): PolicyJson {
  return { effect: "permit", principal: all, action: all, resource: all, conditions: [...conditions] };
}

function parsed(text: string): PolicyJson {
  const answer = cedar.policyToJson(text);
  if (answer.type === "failure") throw new Error(`${text}: ${answer.errors[0]?.message}`);
  return answer.json;
}

function outcome(syntax: PolicyJson, request: CedarRequest, { slots = {} }: GeneratedPolicy): boolean | "error" {
  const filled = new Map(Object.entries(slots).map(([slot, { type, id }]) => [slot, new Entity(type, id)]));
  try {
    return compileProgram(syntax)(new World(request, filled));
  } catch {
    return "error";
  }
}

it("a rendered condition is parsed by the WebAssembly engine to one that means the same", () => {
  const [meant, differences]: [boolean[], string[]] = [[], []];
  let rendered = 0;
  for (let seed = 1; rendered < 1_500; seed++) {
    const generator = new Generator(new Random(seed));
    const policies = Array.from({ length: 10 }, (_, at) => generator.policy(`p${at}`, 1));
    const requests = Array.from({ length: 6 }, () => generator.request());
    for (const policy of policies) {
      for (const clause of policy.syntax.conditions) {
        rendered++;
        const text = renderClause(clause);
        const again = parsed(`permit (principal, action, resource) ${text};`);
        for (const request of requests) {
          const [one, other] = [outcome(alone([clause]), request, policy), outcome(again, request, policy)];
          if (one !== "error") meant.push(one);
          if (one !== other) differences.push(`${text}: ${one} and ${other}`);
        }
      }
    }
  }
  expect(differences.slice(0, 3)).toEqual([]);
  expect(meant.filter((one) => one).length).toBeGreaterThan(300);
  expect(meant.filter((one) => !one).length).toBeGreaterThan(300);
});

it("a policy has a decisive condition exactly where it does not hold", () => {
  let [held, kept] = [0, 0];
  for (let seed = 1; held + kept < 3_000; seed++) {
    const generator = new Generator(new Random(seed));
    const policies = Array.from({ length: 10 }, (_, at) => generator.policy(`p${at}`, 1));
    for (const policy of policies.filter(({ slots }) => slots === undefined)) {
      const request = generator.request();
      const holds = outcome(policy.syntax, request, policy);
      const first = decisiveCondition(policy.syntax, new World(request));
      expect(first === undefined).toBe(holds === true);
      expect(first?.error !== undefined).toBe(holds === "error");
      if (holds === true) held++;
      else kept++;
    }
  }
  expect(Math.min(held, kept)).toBeGreaterThan(300);
});
