import { canonical, type Json, type JsonObject } from "@countersign/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallRecord, DecidedRecord } from "./record.ts";
import { decisionsOf, recordsOf, toStored } from "./stored-record.ts";

const long = "a sentence that must be kept once ".repeat(8);

function decided(args: JsonObject, more: { readonly call?: object; readonly input?: object } = {}): DecidedRecord {
  const checks = [{ name: "schema", verdict: "pass" }];
  const said = {
    argsDigest: "sha256:a",
    callDigest: "sha256:c",
    definitionDigest: "sha256:d",
    system: "wiki",
    target: "page",
    environment: "sandbox",
    production: false,
    verb: "execute",
    labels: ["docs"],
    owner: "ana@acme.example",
    dri: "ana@acme.example",
    tier: 2,
    run: { id: "run_1", step: 3, tainted: true },
  };
  const call = {
    ...said,
    door: "mcp",
    server: "wiki",
    tool: "write",
    method: "tools/call",
    params: { name: "write", arguments: args },
    args,
    credential: "key_1",
    ...more.call,
  } as unknown as CallRecord;
  const input = {
    v: 1,
    principal: { agent: "scribe", tier: 2, owner: said.owner, dri: said.dri, groups: [] },
    action: { tool: "wiki.write", verb: "execute", definitionDigest: said.definitionDigest },
    resource: { system: "wiki", environment: { name: "sandbox", production: false }, target: "page", labels: ["docs"] },
    args: { ...args, parsed: { path: "page" } },
    argsDigest: said.argsDigest,
    callDigest: said.callDigest,
    facts: { checks },
    run: said.run,
    ...more.input,
  } as unknown as DecidedRecord["input"];
  return { call, input, checks, decision: { effect: "allow" }, plan: { kind: "none" }, revision: 4 } as never;
}

/** As the ledger keeps it, and as it is read again. */
function kept(...records: readonly Partial<DecidedRecord>[]): {
  readonly text: string;
  readonly read: readonly unknown[];
} {
  const args = records[0]?.call?.args;
  const texts = records.map((record) => canonical(toStored(record, args) as Json));
  const entries = texts.map((text) => ({ payload: JSON.parse(text) as Json, entry: {} as never }));
  return { text: texts.join("\n"), read: recordsOf({ entries }) };
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("a stored record", () => {
  it("says nothing twice and reads back whole", () => {
    const record = decided({ path: "page", text: long });
    const { text, read } = kept(record);
    expect(text.split(long)).toHaveLength(2);
    expect(text.split("sha256:d")).toHaveLength(2);
    expect(read).toEqual([plain(record)]);
  });

  it("reads back whole where the call and the question differ", () => {
    const other = decided({ text: long }, { call: { callDigest: "sha256:other", tier: 1, labels: [] } });
    expect(kept(other).read).toEqual([plain(other)]);
    const dropped = decided({ text: long, parsed: "of the agent" }, { input: { args: { parsed: {} } } });
    expect(kept(dropped).read).toEqual([plain(dropped)]);
    const without = decided({}, { call: { params: { name: "write" } } });
    expect(kept(without).read).toEqual([plain(without)]);
    const resource = decided({ uri: "note://1" }, { call: { method: "resources/read", params: { uri: "note://1" } } });
    expect(kept(resource).read).toEqual([plain(resource)]);
  });

  it("of a later step finds the arguments in the first", () => {
    const first = decided({ text: long });
    const { call: _, ...later } = decided(first.call?.args ?? {});
    const { text, read } = kept(first, later);
    expect(text.split(long)).toHaveLength(2);
    expect(read).toEqual([plain(first), plain(later)]);
  });

  it("reads back whole for any arguments and any view of them", () => {
    const members = fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 });
    fc.assert(
      fc.property(members, members, fc.boolean(), (own, view, copies) => {
        const args = plain(own) as JsonObject;
        const seen = { ...(copies ? args : {}), ...(plain(view) as JsonObject) };
        const record = decided(args, { input: { args: seen } });
        expect(kept(record).read).toEqual([plain(record)]);
      }),
    );
  });

  it("of an erased subject is null", () => {
    expect(recordsOf({ entries: [{ payload: null }] })).toEqual([null]);
  });
});

describe("what was decided about an action", () => {
  const entriesOf = (...records: readonly Partial<DecidedRecord>[]) =>
    records.map((record, step) => ({
      step,
      payload: JSON.parse(canonical(toStored(record, records[0]?.call?.args) as Json)) as Json,
    }));

  it("is what its whole records say of it, whatever stands beside it", () => {
    const first = decided({ path: "page", text: long });
    const { call: _, ...again } = decided({ path: "page", text: long }, { input: { stage: "resume" } });
    const outcome = { kind: "answered", result: { ok: true } } as never;
    const entries = [...entriesOf(first, again), { step: 2, payload: outcome }, { step: 3, payload: null }];
    const whole = recordsOf({ entries });
    expect(decisionsOf({ entries })).toEqual(
      [0, 1].map((step) => ({
        step,
        input: whole[step]?.input,
        decision: whole[step]?.decision,
        args: { path: "page", text: long },
        before: undefined,
      })),
    );
    expect(decisionsOf({ entries })[1]?.input.args).toEqual({ path: "page", text: long, parsed: { path: "page" } });
  });

  it("keeps the order of canonical text, also of arguments that were put together", () => {
    const hostile = JSON.parse('{"zebra":1,"__proto__":{"tier":3},"b":2}') as JsonObject;
    const record = decided(hostile);
    const [read] = decisionsOf({ entries: entriesOf(record) });
    expect(Object.keys(read?.input.args ?? {})).toEqual(["__proto__", "b", "parsed", "zebra"]);
    expect(JSON.stringify(read?.input)).toBe(canonical(plain(record.input) as Json));
    expect(read?.input.args).not.toHaveProperty("tier");
  });
});
