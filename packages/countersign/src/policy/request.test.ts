import { beforeAll, describe, expect, it } from "vitest";
import { acme, asks, at, deploys } from "./acme.fixture.ts";
import type { CompiledPolicies } from "./policy.ts";
import { cedarRequest } from "./request.ts";

let policies: CompiledPolicies;
beforeAll(async () => {
  policies = await acme();
});

describe("a question in Cedar's words", () => {
  it("holds who, what and where, and nothing that is not known", () => {
    const request = cedarRequest(deploys({ production: true }), policies, ["p"], { environment: "live" });
    expect(request).toStrictEqual({
      principal: { type: "Agent", id: "deploy-bot" },
      action: { type: "Action", id: "deploy.apply" },
      resource: { type: "Target", id: "ticket/1" },
      context: {
        stage: "call",
        at: { __extn: { fn: "datetime", arg: at } },
        local: {},
        tool: { id: "deploy.apply", verb: "execute", definition: `sha256:${"d".repeat(64)}`, reviewed: true },
        args: { environment: "live" },
        run: { id: "run_00000000000000000000000000", step: 1, tainted: false },
        facts: {
          cured: ["p"],
          signals: [],
          stopped: false,
          reversal: "none",
          counts: {},
          sums: {},
          steps: {},
          formerly: [],
          previous: [],
          reach: {},
          flow: {
            effect: "irreversible",
            brings: "internal",
            tainted: false,
            sources: [],
            read: [],
            origins: ["task"],
          },
        },
      },
      entities: [
        {
          uid: { type: "Agent", id: "deploy-bot" },
          attrs: {
            tier: 3,
            workflow: "rollout",
            dri: "ana@acme.example",
            owner: "olu@acme.example",
            groups: [],
            irreversible: ["deploy.wipe"],
          },
          parents: [{ type: "Workflow", id: "rollout" }],
        },
        { uid: { type: "Action", id: "deploy.apply" }, attrs: {}, parents: [{ type: "Action", id: "execute" }] },
        {
          uid: { type: "Target", id: "ticket/1" },
          attrs: {
            system: "helpdesk",
            environment: { name: "live", production: true },
            target: "ticket/1",
            labels: [],
          },
          parents: [{ type: "System", id: "helpdesk" }],
        },
      ],
    });
  });

  it("holds every fact that is known", () => {
    const input = asks({
      principal: { onBehalfOf: "lea@acme.example", groups: ["sre"] },
      facts: {
        signals: ["odd"],
        counts: { a: 1 },
        sums: { b: 2 },
        steps: { c: 3 },
        formerly: ["d"],
        previous: ["e"],
        reach: { objects: 4, money: { minor: 5, currency: "EUR" } },
        flow: {
          effect: "egress",
          brings: "public",
          tainted: true,
          sources: [{ tool: "mail.read" }, { tool: "mail.read" }, { tool: "web.read" }],
          read: ["secret"],
          beyond: ["secret"],
          origins: ["none"],
        },
      },
    });
    const more = {
      ...input,
      resource: { ...input.resource, owner: "olu@acme.example", labels: ["customer"] },
      run: { ...input.run, task: "answer", parent: "run_1", planned: true },
    };
    const { context, entities } = cedarRequest(more, policies, [], {}, ["Europe/Berlin", "Nowhere/Else"]);
    expect(context.facts).toMatchObject({
      signals: ["odd"],
      counts: { a: 1 },
      sums: { b: 2 },
      steps: { c: 3 },
      formerly: ["d"],
      previous: ["e"],
      reach: { objects: 4, money: { minor: 5, currency: "EUR" } },
      flow: {
        effect: "egress",
        brings: "public",
        tainted: true,
        sources: ["mail.read", "web.read"],
        read: ["secret"],
        beyond: ["secret"],
        origins: ["none"],
      },
    });
    expect(context.run).toMatchObject({ task: "answer", parent: "run_1", planned: true });
    // Thirteen o'clock of a Sunday in Berlin.
    expect(context.local).toStrictEqual({ "Europe/Berlin": { day: 20261122, weekday: 7, minute: 780 } });
    expect(entities[0]).toMatchObject({
      attrs: { onBehalfOf: "lea@acme.example", groups: ["sre"] },
      parents: expect.arrayContaining([{ type: "Group", id: "sre" }]),
    });
    expect(entities[2]).toMatchObject({ attrs: { owner: "olu@acme.example", labels: ["customer"] } });
  });

  it("of a plain read says only what it would do with data", () => {
    const flow = { effect: "read", brings: "internal" } as const;
    const { context } = cedarRequest(asks({ facts: { flow } }), policies, [], {});
    expect(context.facts).toHaveProperty("flow", { effect: "read", brings: "internal" });
  });

  it("gives an agent that its workflow does not name none of the workflow's irreversible tools", () => {
    const stranger = deploys({ principal: { agent: "stranger" } });
    expect(cedarRequest(stranger, policies, [], {}).entities[0]?.attrs).toHaveProperty("irreversible", []);
  });
});
