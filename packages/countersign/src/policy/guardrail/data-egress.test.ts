import { describe, expect, it } from "vitest";
import { ask, desk, deskWith, faultsOf } from "../normalised.fixture.ts";
import { guardrailsFromCedar } from "./from-cedar.ts";
import type { DataEgress } from "./guardrail.ts";

const inside: DataEgress = {
  use: "data-egress",
  name: "inside",
  tools: ["desk.send", "desk.forward", "desk.open"],
  domains: ["acme.example", "partner.example"],
  labels: [],
  destinations: [],
};

describe("a guardrail on data egress reads what the catalog reads of addresses", () => {
  it("lets through what goes to its domains and below them, and nothing else", async () => {
    const policies = await deskWith([inside]);
    const effect = (tool: string, args: object) => ask(policies, tool, args as never).effect;
    for (const args of [
      { to: ["a@acme.example"] },
      { to: ["A@ACME.Example", "b@acme.example"], cc: "c@partner.example" },
      { to: ["a@acme.example", "b@partner.example"] },
      { to: ["a@mail.acme.example", "b@acme.example"] },
      { to: [], cc: "c@acme.example" },
    ])
      expect(effect("send", args), JSON.stringify(args)).toBe("allow");
    for (const args of [
      {},
      { to: [] },
      { to: null, body: "a@acme.example" },
      { to: ["a@evil.example"] },
      { to: ["a@acme.example", "b@evil.example"] },
      { to: ["a@acme.example"], cc: "b@evil.example" },
      { to: ["a@notacme.example"] },
      { to: ["a@acme.example.evil.example"] },
      { to: ["a@example"] },
    ])
      expect(effect("send", args), JSON.stringify(args)).toBe("deny");
  });

  it("refuses what is not one clean address, whatever it looks like", async () => {
    const policies = await deskWith([inside]);
    for (const hostile of [
      "Ana <a@acme.example>",
      '"b@evil.example" <a@acme.example>',
      "b@evil.example, a@acme.example",
      "b@evil.example;a@acme.example",
      "b@evil.example a@acme.example",
      "b@evil.example\n,a@acme.example",
      "b@evil.example%00@acme.example",
      "b%evil.example@acme.example",
      "evil.example!b@acme.example",
      "b@evil.example@acme.example",
      "b@acme.example.",
      "b@acme.example\u200b",
      "b@\u0430cme.example",
      "group: b@evil.example;",
      "",
      7,
      { address: "a@acme.example" },
    ]) {
      for (const args of [
        { to: [hostile] },
        { to: ["a@acme.example", hostile] },
        { to: ["a@acme.example"], cc: hostile },
      ])
        expect(ask(policies, "send", args as never).effect, JSON.stringify(args)).toBe("deny");
    }
    // A text where a list is declared is one address, and two in it are none.
    expect(ask(policies, "send", { to: "a@acme.example, b@evil.example" }).effect).toBe("deny");
    // What says of itself what it would be read as is not believed.
    const parsed = { to: { domains: ["acme.example"], within: ["acme.example"] } };
    expect(ask(policies, "send", { parsed, to: ["b@evil.example"] }).effect).toBe("deny");
    expect(ask(policies, "send", { parsed }).effect).toBe("deny");
  });

  it("holds for URLs, and for a tool that takes both", async () => {
    const policies = await deskWith([inside]);
    const effect = (tool: string, args: object) => ask(policies, tool, args as never).effect;
    for (const url of ["https://acme.example/x", "https://files.acme.example/?q=1", "https://ACME.example:8443/"])
      expect(effect("open", { url }), url).toBe("allow");
    for (const url of [
      "https://evil.example/acme.example",
      "https://acme.example@evil.example/",
      "https://acme.example.evil.example/",
      "https://evil.example\\@acme.example/",
      "https://evil.example/#@acme.example",
      "https://0x7f000001/",
      "https://127.0.0.1/",
      "https://xn--acme-.example/",
      "file:///etc/passwd",
      "//acme.example/x",
      "",
    ])
      expect(effect("open", { url }), url).toBe("deny");
    expect(effect("forward", { to: "a@acme.example", link: "https://acme.example/" })).toBe("allow");
    expect(effect("forward", { to: "a@acme.example" })).toBe("allow");
    expect(effect("forward", { to: "a@acme.example", link: "https://evil.example/" })).toBe("deny");
    expect(effect("forward", { to: "a@evil.example", link: "https://acme.example/" })).toBe("deny");
  });

  it("reads only the arguments that it names, and only what carries its label", async () => {
    const named = { ...inside, tools: ["desk.forward"], arguments: ["to"], labels: ["customer"] };
    const policies = await deskWith([named]);
    expect(ask(policies, "forward", { to: "a@acme.example", link: "https://evil.example/" }).effect).toBe("allow");
    expect(ask(policies, "forward", { to: "a@evil.example" }).effect).toBe("deny");
    const other = await deskWith([{ ...named, labels: ["secret"] }]);
    expect(ask(other, "forward", { to: "a@evil.example" }).effect).toBe("allow");
  });

  it("is Cedar that people can read, validated against the tools, and comes back from the compiled set", async () => {
    const policies = await deskWith([{ ...inside, tools: ["desk.forward"] }]);
    const id = "desk/guardrail/inside/desk.forward";
    expect(policies.policies.find((one) => one.id === id)?.text).toContain(`unless {
  ((context.args.parsed has to && !context.args.parsed.to.domains.isEmpty()) ||
    (context.args.parsed has link && !context.args.parsed.link.hosts.isEmpty())) &&
  (if context.args.parsed has to then ["acme.example", "partner.example"].containsAll(context.args.parsed.to.domains) || context.args.parsed.to.within.containsAny(["acme.example", "partner.example"]) else true) &&
  (if context.args.parsed has link then ["acme.example", "partner.example"].containsAll(context.args.parsed.link.hosts) || context.args.parsed.link.within.containsAny(["acme.example", "partner.example"]) else true)
}`);
    const destinations = [
      { tool: "desk.forward", argument: "to", by: "domains" },
      { tool: "desk.forward", argument: "link", by: "hosts" },
    ];
    expect(guardrailsFromCedar(policies.policies)).toEqual([
      { workflow: "desk", guardrail: { ...inside, tools: ["desk.forward"], destinations } },
    ]);
    const all = guardrailsFromCedar((await deskWith([inside])).policies);
    expect(all.map(({ guardrail }) => [...guardrail.tools].sort())).toEqual([[...inside.tools].sort()]);
  });

  it("says what it cannot read, and refuses the tool until it can", async () => {
    expect(await faultsOf("", [{ ...inside, tools: ["desk.write"] }])).toEqual([
      "nothing of `desk.write` is read as an address, so nothing tells where it sends what it is given",
    ]);
    expect(await faultsOf("", [{ ...inside, tools: ["desk.send"], arguments: ["too"] }])).toContain(
      "`desk.send` has no normalised argument `too`",
    );
    expect(await faultsOf("", [{ ...inside, tools: ["desk.query"], arguments: ["sql"] }])).toContain(
      "`sql` of `desk.query` is normalised as neither `email` nor `url`",
    );
    const waiting = await deskWith([{ ...inside, tools: ["desk.write", "desk.send"] }], "expect");
    expect(ask(waiting, "write", { path: "/ws/a" }).effect).toBe("deny");
    expect(ask(waiting, "send", { to: ["a@acme.example"] }).effect).toBe("allow");
    expect(ask(await desk(""), "write", { path: "/ws/a" }).effect).toBe("allow");
  });
});
