import { describe, expect, it } from "vitest";
import { read } from "./clean.fixture.ts";

describe("an e-mail address", () => {
  it("gives its domain and those above it", () => {
    expect(read("email", "Ana.M+x@Mail.Acme.Example")).toEqual({
      addresses: ["ana.m+x@mail.acme.example"],
      domains: ["mail.acme.example"],
      within: ["acme.example", "mail.acme.example"],
      touches: ["acme.example", "mail.acme.example"],
      count: 1,
    });
  });

  it("in a list is within what holds them all, and touches what holds any", () => {
    expect(read("email", ["ana@acme.example", "bo@eu.acme.example", "x@evil.example"])).toMatchObject({
      domains: ["acme.example", "eu.acme.example", "evil.example"],
      within: [],
      touches: ["acme.example", "eu.acme.example", "evil.example"],
      count: 3,
    });
    expect(read("email", ["ana@acme.example", "bo@eu.acme.example"])).toMatchObject({ within: ["acme.example"] });
    expect(read("email", [])).toMatchObject({ addresses: [], within: [], count: 0 });
  });

  it.each([
    ["two in one text", "x@evil.example, y@acme.example"],
    ["two in one text, by a semicolon", "x@evil.example;y@acme.example"],
    ["two signs", "@evil.example@acme.example"],
    ["two signs and a name", "x@evil.example@acme.example"],
    ["a display name", "Ana <ana@acme.example>"],
    ["a display name that is an address", '"y@acme.example" <x@evil.example>'],
    ["a quoted local part", '"x@evil.example "@acme.example'],
    ["a comment", "x(@acme.example)@evil.example"],
    ["a route", "x%evil.example@acme.example"],
    ["a path", "evil.example!x@acme.example"],
    ["an address of a host", "x@[127.0.0.1]"],
    ["a number for a host", "x@127.0.0.1"],
    ["a domain of one label", "x@localhost"],
    ["a dot at the end", "x@acme.example."],
    ["an empty label", "x@acme..example"],
    ["dots in a row", "x..y@acme.example"],
    ["a Cyrillic letter", "x@аcme.example"],
    ["a fullwidth letter", "x@ａcme.example"],
    ["a fullwidth sign", "x＠acme.example"],
    ["the Kelvin sign", "x@acme.example\u212a"],
    ["a Kelvin sign before", "\u212aim@acme.example"],
    ["an ideographic full stop", "x@acme。example"],
    ["a soft hyphen", "x@ac\u00adme.example"],
    ["a zero-width space", "x@acme.example\u200b"],
    ["an override", "x@\u202eelpmaxe.emca"],
    ["a new header", "x@acme.example\r\nBcc: y@evil.example"],
    ["a line feed at the end", "x@acme.example\n"],
    ["an escape", "x%40evil.example@acme.example"],
    ["a blank before", " x@acme.example"],
    ["mailto", "mailto:x@acme.example"],
    ["a long local part", `${"x".repeat(65)}@acme.example`],
  ])("with %s is no clean one", (_, text) => {
    expect(read("email", text)).toBeTypeOf("string");
    expect(read("email", ["ana@acme.example", text])).toBeTypeOf("string");
  });

  it("of another script, written in ASCII, is another domain", () => {
    expect(read("email", "x@xn--cme-7cd.example")).toMatchObject({ domains: ["xn--cme-7cd.example"] });
  });
});
