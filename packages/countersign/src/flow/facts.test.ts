import type { Origin } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import type { CallFlow, Destination, ResultLabels } from "../catalog/index.ts";
import { factsUnopened, factsOf as factsWith } from "./facts.ts";
import type { Mark } from "./mark.ts";

const result: ResultLabels = { integrity: "untrusted", confidentiality: "secret", fields: [] };
const call = (...destinations: readonly Destination[]): CallFlow => ({ effect: "egress", destinations, result });
const to = (value: string, at = "args.to"): Destination => ({ at, value });
const endorsed = (value: string): Destination => ({ at: "args.to", value, endorse: { domains: ["acme.com"] } });
const named: { readonly [value: string]: Origin } = {
  ...{ a: "task", b: "endorsed", c: "trusted", d: "untrusted", e: "approved" },
};
const known = ({ value }: Destination): Origin => named[String(value)] ?? "none";
type Given = Parameters<typeof factsWith>;
const factsOf = (flow: CallFlow, marks: readonly Mark[], known: Given[2], isNamed: Given[3]) =>
  factsWith(flow, marks, known, isNamed, () => []);
const plain = { undo: false, planned: false, approved: false, done: false };

describe("of a run that nobody opened", () => {
  it("nothing is known: anybody may have told it what to do, and it may have read anything", () => {
    expect(factsUnopened(call(to("bob@acme.com")), false)).toEqual({
      effect: "egress",
      brings: "secret",
      tainted: true,
      sources: [],
      read: ["personal", "secret"],
      beyond: ["personal", "secret"],
      origins: ["none"],
      destinations: { "args.to": "none" },
    });
  });

  it("a value is good that its tool's rule lets anybody choose", () => {
    expect(factsUnopened(call(endorsed("bob@acme.com")), false).origins).toEqual(["endorsed"]);
    expect(factsUnopened(call(endorsed("eve@evil.com")), false).origins).toEqual(["none"]);
    expect(factsUnopened(call(endorsed("bob@acme.com"), endorsed("eve@evil.com")), false).origins).toEqual(["none"]);
  });

  it("a call that names no place was asked for by nobody", () => {
    expect(factsUnopened(call(), false)).toMatchObject({ origins: ["none"], destinations: {} });
  });

  it("an undo goes where its deed went", () => {
    expect(factsUnopened(call(to("eve@evil.com")), true).destinations).toEqual({ "args.to": "endorsed" });
    expect(factsUnopened(call(), true).origins).toEqual(["endorsed"]);
    expect(factsUnopened(call(to("x")), true).tainted).toBe(true);
  });
});

describe("of a run", () => {
  const taint = (at: number): Mark => ({
    kind: "taint",
    label: "untrusted",
    tool: `mail.read${at}`,
    action: `act_${at}`,
  });
  const read = (label: string): Mark => ({ kind: "read", label, tool: "files.read", action: "act_9" });

  it("what nothing undoes and was done is a second time that nobody asked for, also with a yes to the first; an undo is none", () => {
    const again = { ...plain, done: true };
    const asked = { "args.to": "task", "a second time": "none" };
    expect(factsOf(call(to("a")), [], known, again)).toMatchObject({ origins: ["none", "task"], destinations: asked });
    expect(factsOf(call(to("d")), [], known, { ...again, approved: true, planned: true }).origins).toEqual([
      "approved",
      "none",
    ]);
    expect(factsOf(call(to("d")), [], known, { ...again, undo: true }).origins).toEqual(["endorsed"]);
  });

  it("it is known what it has read, each kind once, and who tainted it", () => {
    const marks = [taint(1), read("secret"), read("internal"), taint(2), read("secret")];
    expect(factsOf(call(to("a")), marks, known, plain)).toEqual({
      effect: "egress",
      brings: "secret",
      tainted: true,
      sources: [
        { tool: "mail.read1", action: "act_1" },
        { tool: "mail.read2", action: "act_2" },
      ],
      read: ["internal", "secret"],
      beyond: [],
      origins: ["task"],
      destinations: { "args.to": "task" },
    });
  });

  it("it is tainted by one, by whatever brought it, and named with its action where one did", () => {
    const list: Mark = { kind: "taint", label: "untrusted", tool: "mail.list", action: "" };
    expect(factsOf(call(), [taint(1)], known, plain)).toMatchObject({
      tainted: true,
      sources: [{ tool: "mail.read1", action: "act_1" }],
    });
    const { tainted, sources } = factsOf(call(), [list], known, plain);
    expect([tainted, sources]).toEqual([true, [{ tool: "mail.list" }]]);
  });

  it("that has read no stranger is not tainted", () => {
    expect(factsOf(call(), [read("personal")], known, plain)).toMatchObject({
      tainted: false,
      sources: [],
      read: ["personal"],
    });
    expect(factsOf(call(), [], known, plain)).toMatchObject({ tainted: false, sources: [], read: [] });
  });

  it("the first 32 sources are named", () => {
    const marks = Array.from({ length: 40 }, (_, at) => taint(at));
    const { sources } = factsOf(call(), marks, known, plain);
    expect(sources).toHaveLength(32);
    expect(sources?.at(-1)).toEqual({ tool: "mail.read31", action: "act_31" });
  });

  it("of several values in one argument the worst origin counts, in whatever order they stand", () => {
    const worst = ["x", "d", "c", "e", "b", "a"];
    for (const [at, value] of worst.entries())
      for (const other of worst.slice(at)) {
        const origin = known(to(value));
        expect(factsOf(call(to(value), to(other)), [], known, plain).destinations).toEqual({ "args.to": origin });
        expect(factsOf(call(to(other), to(value)), [], known, plain).destinations).toEqual({ "args.to": origin });
      }
  });

  it("arguments are told apart, and each origin is told once", () => {
    const facts = factsOf(
      call(to("a"), to("c", "args.cc"), to("a", "args.bcc"), to("x", "args.url")),
      [],
      known,
      plain,
    );
    expect(facts.destinations).toEqual({
      "args.to": "task",
      "args.cc": "trusted",
      "args.bcc": "task",
      "args.url": "none",
    });
    expect(facts.origins).toEqual(["none", "task", "trusted"]);
  });

  it("a call that names no place was asked for by nobody, unless its plan names it or it is an undo", () => {
    expect(factsOf(call(), [], known, plain).origins).toEqual(["none"]);
    expect(factsOf(call(), [], known, { undo: false, planned: true, approved: false, done: false }).origins).toEqual([
      "task",
    ]);
    expect(factsOf(call(), [], known, { undo: true, planned: false, approved: false, done: false }).origins).toEqual([
      "endorsed",
    ]);
    expect(factsOf(call(), [], known, { undo: true, planned: true, approved: false, done: false }).origins).toEqual([
      "endorsed",
    ]);
  });

  it("a plan says nothing of where to, and an undo needs no word of where to", () => {
    expect(
      factsOf(call(to("d")), [], known, { undo: false, planned: true, approved: false, done: false }).origins,
    ).toEqual(["untrusted"]);
    expect(
      factsOf(call(to("d")), [], known, { undo: true, planned: false, approved: false, done: false }).origins,
    ).toEqual(["endorsed"]);
  });

  it("what a person let go before goes again, but not where it names no place", () => {
    const isNamed = { undo: false, planned: false, approved: true, done: false };
    const { origins } = factsOf(call(to("a"), to("d", "args.cc")), [], known, isNamed);
    expect(origins).toEqual(["approved", "task"]);
    expect(factsOf(call(to("b"), to("c", "args.cc")), [], known, isNamed).origins).toEqual(["approved", "endorsed"]);
    expect(factsOf(call(), [], known, isNamed).origins).toEqual(["none"]);
  });

  it("what it has read beyond its task is asked of what is confidential, where a call lets data leave that is no undo", () => {
    const asked: (readonly string[])[] = [];
    const beyond = (labels: readonly string[]) => {
      asked.push(labels);
      return ["secret" as const];
    };
    const marks = [read("secret"), read("internal"), read("personal"), read("public")];
    expect(factsWith(call(to("a")), marks, known, plain, beyond).beyond).toEqual(["secret"]);
    expect(asked).toEqual([["personal", "secret"]]);
    expect(factsWith(call(to("a")), [read("internal"), taint(1)], known, plain, beyond).beyond).toEqual([]);
    expect(factsWith(call(to("a")), marks, known, { ...plain, undo: true }, beyond).beyond).toEqual([]);
    expect(factsWith({ ...call(to("a")), effect: "irreversible" }, marks, known, plain, beyond).beyond).toEqual([]);
    expect(asked).toHaveLength(1);
    factsWith(call(to("a")), [read("secret")], known, plain, beyond);
    expect(asked.at(-1)).toEqual(["secret"]);
  });
});
