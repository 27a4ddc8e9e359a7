import { describe, expect, it } from "vitest";
import { spellingsOf, tokensOf } from "./tokens.ts";

describe("a text as words", () => {
  it("is one address, path or number at a time, without what prose puts around it", () => {
    expect(tokensOf("Send it to <Bob@Acme.com>.")).toEqual(["send", "it", "to", "bob@acme.com"]);
    expect(tokensOf("see \"/srv/data/a.csv\", (repo acme/site), [x]{y}|z;w\\v `q` 'r'")).toEqual([
      "see",
      "/srv/data/a.csv",
      "repo",
      "acme/site",
      "x",
      "y",
      "z",
      "w",
      "v",
      "q",
      "r",
    ]);
    expect(tokensOf("#ops @carol $40 €41 £42 :tag ?why =7 is 90% of https://acme.com/x/ really?!")).toEqual([
      "ops",
      "carol",
      "40",
      "41",
      "42",
      "tag",
      "why",
      "7",
      "is",
      "90",
      "of",
      "https://acme.com/x",
      "really",
    ]);
    expect(tokensOf("**bold** _soft_ key=value a_b 7: end...")).toEqual([
      "bold",
      "soft",
      "key=value",
      "a_b",
      "7",
      "end",
    ]);
  });

  it("keeps inside a word what would part it elsewhere", () => {
    expect(tokensOf("a.b:c/d?e=f_g@h#i%j*k~l!m")).toEqual(["a.b:c/d?e=f_g@h#i%j*k~l!m"]);
    expect(tokensOf("-5 x-1")).toEqual(["-5", "x-1"]);
  });

  it("is the same whatever an eye cannot see: joiners, marks of direction, soft hyphens, wide forms, case", () => {
    const seen = ["bob@acme.com"];
    for (const text of ["b\u200bob@acme.com", "bob\u2060@acme.com", "\u202ebob@acme.com", "bo\u00adb@acme.com"])
      expect(tokensOf(text)).toEqual(seen);
    expect(tokensOf("\ufeffBOB＠ＡＣＭＥ．ＣＯＭ")).toEqual(seen);
    expect(tokensOf("a\u00a0b\u3000c")).toEqual(["a", "b", "c"]);
  });

  it("leaves letters of another script what they are: a Cyrillic `о` is no `o`", () => {
    expect(tokensOf("b\u043eb@acme.com")).not.toEqual(tokensOf("bob@acme.com"));
    expect(tokensOf("\u0440aypal.com")).not.toEqual(tokensOf("paypal.com"));
  });

  it("joins thousands, and leaves a number otherwise as it is written", () => {
    expect(tokensOf("1,000 1000 1000.00 1000.")).toEqual(["1000", "1000", "1000.00", "1000"]);
    expect(tokensOf("1.10 is not 1.1")).toEqual(["1.10", "is", "not", "1.1"]);
    expect(spellingsOf(1250.5)).toEqual([["1250.5"], ["1250.50"]]);
    expect(spellingsOf(7)).toEqual([["7"]]);
  });

  it("has no empty words, and none where it says nothing", () => {
    expect(tokensOf("")).toEqual([]);
    expect(tokensOf(" \t\n ... !? \u200b ")).toEqual([]);
  });

  it("leaves a word as it is that is too long to be any address", () => {
    expect(tokensOf(`${"a".repeat(2_047)}.`)).toEqual(["a".repeat(2_047)]);
    expect(tokensOf(`${"a".repeat(2_048)}.`)).toEqual([`${"a".repeat(2_048)}.`]);
  });
});
