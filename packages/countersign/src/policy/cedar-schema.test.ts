import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { expect, it } from "vitest";
import type { ArgumentTypes } from "./argument-types.ts";
import { cedarSchema } from "./cedar-schema.ts";

const types: ArgumentTypes = {
  amount: { kind: "long" },
  rate: { kind: "decimal" },
  vip: { kind: "boolean" },
  to: { kind: "set", of: { kind: "string" } },
  who: { kind: "record", attributes: { id: { kind: "string" } } },
  parsed: {
    kind: "parsed",
    of: { url: { host: { kind: "string" }, sizes: { kind: "set", of: { kind: "long" } } } },
  },
};

/** As people write schemas, without the prefix of what Cedar knows by itself. */
function written(schema: ReturnType<typeof cedarSchema>): string {
  const told = cedar.schemaToText(schema as never);
  if (told.type === "failure") throw new Error(told.errors[0]?.message);
  return told.text.replaceAll("__cedar::", "");
}

it("policies are validated against who asks, what is touched, the arguments of each tool, and the facts", () => {
  const names = { windows: ["w/rate"], steps: ["w/steps"], zones: ["UTC"] };
  expect(written(cedarSchema({ "s.t": types }, names))).toBe(`entity Agent in [Workflow, Group] = {
  dri: String,
  groups: Set<String>,
  irreversible: Set<String>,
  onBehalfOf?: String,
  owner: String,
  tier: Long,
  workflow: String
};

entity Group;

entity System;

entity Target in [System] = {
  environment: {
    name: String,
    production: Bool
  },
  labels: Set<String>,
  owner: String,
  system: String,
  target: String
};

entity Workflow;

action "execute";

action "propose";

action "read";

action "s.t" in [Action::"read", Action::"propose", Action::"execute"] appliesTo {
  principal: [Agent],
  resource: [Target],
  context: {
    args: {
      amount?: Long,
      parsed: {
        url?: {
          host: String,
          sizes: Set<Long>
        }
      },
      rate?: decimal,
      to?: Set<String>,
      vip?: Bool,
      who?: {
        id?: String
      }
    },
    at: datetime,
    facts: {
      counts: {
        "w/rate": Long
      },
      cured: Set<String>,
      flow: {
        beyond: Set<String>,
        brings: String,
        effect: String,
        origins: Set<String>,
        read: Set<String>,
        sources: Set<String>,
        tainted: Bool
      },
      formerly: Set<String>,
      previous: Set<String>,
      reach: {
        customers?: Long,
        money?: {
          currency: String,
          minor: Long
        },
        nodes?: Long,
        objects?: Long,
        rows?: Long
      },
      reversal: String,
      signals: Set<String>,
      steps: {
        "w/steps": Long
      },
      stopped: Bool,
      sums: {
        "w/rate": Long
      }
    },
    local: {
      UTC: {
        day: Long,
        minute: Long,
        weekday: Long
      }
    },
    run: {
      id: String,
      parent?: String,
      planned?: Bool,
      step: Long,
      tainted: Bool,
      task?: String
    },
    stage: String,
    tool: {
      definition: String,
      id: String,
      reviewed: Bool,
      verb: String
    }
  }
};
`);
});
