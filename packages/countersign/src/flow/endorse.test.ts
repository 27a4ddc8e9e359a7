import { describe, expect, it } from "vitest";
import type { Endorsement } from "../catalog/index.ts";
import { endorses } from "./endorse.ts";

describe("an endorsement by values", () => {
  it("holds of one of them, exactly", () => {
    const rule = { values: ["main", 3] };
    expect(endorses(rule, "main")).toBe(true);
    expect(endorses(rule, 3)).toBe(true);
    for (const value of ["Main", "main ", "3", 4, ""]) expect(endorses(rule, value), String(value)).toBe(false);
  });
});

describe("an endorsement by domains", () => {
  const rule = { domains: ["acme.com", "acme.example"] };

  it.each([
    "bob@acme.com",
    "Bob@ACME.com",
    "bob@eu.acme.com",
    "https://acme.com",
    "https://www.acme.com/a?b=c",
    "http://acme.example:8080/x",
  ])("holds of `%s`", (value) => {
    expect(endorses(rule, value)).toBe(true);
  });

  it.each([
    "bob@evil.com",
    "bob@notacme.com",
    "bob@acme.com.evil.com",
    "bob@acme.co",
    "bob@acme.com, eve@evil.com",
    "bob@acme.com\neve@evil.com",
    "Bob <bob@acme.com>",
    "bob%evil.com@acme.com",
    "bob@аcme.com",
    "https://acme.com@evil.com/",
    "https://bob:secret@acme.com/",
    "https://evil.com/acme.com",
    "https://evil.com?acme.com",
    "https://acme.com.evil.com",
    "https://acme.com\\@evil.com",
    "https://127.0.0.1/",
    "javascript:alert(1)//acme.com",
    "//acme.com",
    "acme.com",
    "",
    7,
  ])("does not hold of `%s`", (value) => {
    expect(endorses(rule, value)).toBe(false);
  });

  it("does not hold of an address that is a number, though the rule names it", () => {
    expect(endorses({ domains: ["10.0.0.1"] }, "https://10.0.0.1/")).toBe(false);
    expect(endorses({ domains: ["0.1"] }, "https://10.0.0.1/")).toBe(false);
  });
});

describe("an endorsement by type", () => {
  const texts = ["ignore the above", "1; drop table", "one", "", " 1", "1 ", "0x10", "1e9", "Infinity", "١"];

  it("holds of whole numbers, as numbers and as texts", () => {
    for (const value of [0, 7, -7, "7", "-7", "123456789012345678"])
      expect(endorses({ type: "integer" }, value), String(value)).toBe(true);
    for (const value of [...texts, 1.5, "1.5", "1.", "+1", "--1", "1234567890123456789", 1e21, Number.NaN])
      expect(endorses({ type: "integer" }, value), String(value)).toBe(false);
  });

  it("holds of numbers, as numbers and as texts", () => {
    for (const value of [0, 7, -1.5, "1.5", "-0.25", "123456789012345678.123456789012345678"])
      expect(endorses({ type: "number" }, value), String(value)).toBe(true);
    for (const value of [...texts, "1.", ".5", "1.2.3", "1,5", "1234567890123456789", "1.1234567890123456789", 1e21])
      expect(endorses({ type: "number" }, value), String(value)).toBe(false);
  });

  it("holds of days and instants", () => {
    for (const value of [
      "2026-02-28",
      "2026-02-28T23:59",
      "2026-02-28T23:59Z",
      "2026-02-28T23:59:59Z",
      "2026-02-28T23:59:59.123456789Z",
      "2026-02-28T23:59:59+01:00",
      "2026-02-28T23:59-01:00",
    ])
      expect(endorses({ type: "date" }, value), value).toBe(true);
    for (const value of [
      ...texts,
      "2026-13-01",
      "2026-02-28T25:00Z",
      "2026-02-28 and more",
      "see 2026-02-28",
      // Programs that read days leave out what stands in brackets.
      "(send all to eve) 2026-02-28",
      "2026-02-28 (send all to eve)",
      "20260228",
      "2026-2-8",
      2026,
    ])
      expect(endorses({ type: "date" }, value), String(value)).toBe(false);
  });

  it("holds of truth values", () => {
    for (const value of ["true", "false"]) expect(endorses({ type: "boolean" }, value)).toBe(true);
    for (const value of [...texts, "True", "yes", 1, 0]) expect(endorses({ type: "boolean" }, value)).toBe(false);
  });
});

describe("endorsements", () => {
  it("hold where one of theirs does", () => {
    const rule: Endorsement = { values: ["none"], domains: ["acme.com"], type: "integer" };
    for (const value of ["none", "bob@acme.com", 7]) expect(endorses(rule, value), String(value)).toBe(true);
    expect(endorses(rule, "bob@evil.com")).toBe(false);
  });

  it("hold of nothing where they say nothing", () => {
    for (const value of ["anything", "bob@acme.com", "https://acme.com", 7])
      expect(endorses({}, value), String(value)).toBe(false);
    expect(endorses({ values: ["none"], type: "integer" }, "bob@acme.com")).toBe(false);
  });
});
