import type { Confidentiality, Json, JsonObject } from "@countersign/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ResultLabels } from "../catalog/index.ts";
import { cutError, cutLabelled } from "./cut.ts";

const contact: ResultLabels = {
  integrity: "own",
  confidentiality: "personal",
  fields: [
    { at: "contacts.*.id", confidentiality: "internal" },
    { at: "contacts.*.plan", confidentiality: "public" },
    { at: "contacts.*.plan.payer", confidentiality: "personal" },
    { at: "total", confidentiality: "internal" },
  ],
};
const contacts = {
  total: 2,
  note: "asked by lea@client.example",
  contacts: [
    { id: "c-1", email: "lea@client.example", plan: { name: "gold", payer: "Lea" }, "lea@client.example": true },
    { id: "c-2", email: "tom@client.example", plan: { name: "free", payer: "Tom" } },
  ],
};
const rest = {
  total: 2,
  contacts: [
    { id: "c-1", plan: { name: "gold", payer: "[redacted: personal]" } },
    { id: "c-2", plan: { name: "free", payer: "[redacted: personal]" } },
  ],
};
const text = (said: string) => ({ type: "text", text: said });
const cut = (result: JsonObject, least: Confidentiality = "personal", method = "tools/call", labels = contact) =>
  cutLabelled(result, method, labels, least);

describe("an answer that is to be without a label", () => {
  it("stays as it is where nothing of it is so confidential", () => {
    const result = { content: [text("hello")], _meta: { a: 1 } };
    expect(cut(result, "secret")).toEqual({ value: result, count: 0 });
    expect(cut(result, "personal", "tools/call", { ...contact, confidentiality: "internal", fields: [] }).count).toBe(
      0,
    );
  });

  it("keeps the members that are less confidential, and no other, nor any name of one", () => {
    const only = cut({ content: [text(JSON.stringify(contacts))], _meta: { who: "lea@client.example" } });
    expect(only.value).toEqual({ content: [text(JSON.stringify(rest))] });
    expect(only.count).toBe(6);
    const both = cut({ content: [text("Lea is one of two")], structuredContent: contacts });
    expect(both.value).toEqual({ content: [text(JSON.stringify(rest))], structuredContent: rest });
  });

  it("loses more where a lesser label is to be cut", () => {
    const { value } = cut({ content: [], structuredContent: contacts }, "internal");
    expect(value.structuredContent).toEqual({
      contacts: [
        { plan: { name: "gold", payer: "[redacted: internal]" } },
        { plan: { name: "free", payer: "[redacted: internal]" } },
      ],
    });
  });

  it.each<[string, string, JsonObject, JsonObject]>([
    ["a text", "tools/call", { content: [text("Lea")] }, { content: [text("[redacted: personal]")] }],
    ["two texts", "tools/call", { content: [text("{}"), text("Lea")] }, { content: [text("[redacted: personal]")] }],
    [
      "a picture",
      "tools/call",
      { content: [{ type: "image", data: "AA==", mimeType: "image/png" }] },
      { content: [text("[redacted: personal]")] },
    ],
    [
      "an error",
      "tools/call",
      { content: [text(JSON.stringify(contacts))], structuredContent: contacts, isError: true },
      { content: [text("[redacted: personal]")], isError: true },
    ],
    ["an answer of no form", "tools/call", { lea: 1 }, { content: [text("[redacted: personal]")] }],
    [
      "a resource",
      "resources/read",
      { contents: [{ uri: "crm://lea", text: JSON.stringify(contacts) }] },
      { contents: [{ uri: "countersign:redacted", mimeType: "text/plain", text: "[redacted: personal]" }] },
    ],
    [
      "a prompt",
      "prompts/get",
      { messages: [{ role: "user", content: text("Lea") }] },
      { messages: [{ role: "user", content: text("[redacted: personal]") }] },
    ],
    ["words that complete", "completion/complete", { completion: { values: ["Lea"] } }, { completion: { values: [] } }],
    ["anything else", "lea/list", { lea: 1 }, {}],
  ])("goes whole where it shows no members: %s", (_, method, result, expected) => {
    expect(cut(result, "personal", method)).toEqual({ value: expected, count: 1 });
  });

  it("goes whole where nobody labelled it, and so does what a protocol's error says", () => {
    const nobody: ResultLabels = { integrity: "untrusted", confidentiality: "secret", fields: [] };
    const { value } = cut({ content: [], structuredContent: contacts }, "personal", "tools/call", nobody);
    expect(value).toEqual({ content: [text("[redacted: personal]")] });
    const error = { code: -32_000, message: "no contact lea@client.example", data: contacts };
    expect(cutError(error, contact, "personal").value).toEqual({ code: -32_000, message: "[redacted: personal]" });
    expect(cutError(error, contact, "secret")).toEqual({ value: error, count: 0 });
  });

  it("never tells a value or a name that no label lets through, whatever its form", () => {
    const labels: ResultLabels = { ...contact, fields: [{ at: "ok", confidentiality: "public" }] };
    const secret = fc.constantFrom("lea@client.example");
    const value = fc.letrec<{ any: Json }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        secret,
        fc.integer(),
        fc.constant(null),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("ok2", "lea@client.example", "a"), tie("any"), { maxKeys: 3 }),
      ),
    })).any;
    fc.assert(
      fc.property(value, value, fc.boolean(), (one, other, isStructured) => {
        const members = { ok: 1, rest: one, more: other };
        const result = {
          content: [text(JSON.stringify(members))],
          ...(isStructured ? { structuredContent: members } : {}),
          _meta: { one },
        };
        expect(JSON.stringify(cut(result, "personal", "tools/call", labels).value)).not.toContain("lea@");
      }),
    );
  });
});
