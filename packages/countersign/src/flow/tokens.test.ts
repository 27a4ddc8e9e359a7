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
    for (const text of [
      "b\u200bo\u200bb@acme.com",
      "b\u200bob@acme.com",
      "bob\u2060@acme.com",
      "\u202ebob@acme.com",
      "bo\u00adb@acme.com",
    ])
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
    expect(tokensOf("1,000,000 or 2,500")).toEqual(["1000000", "or", "2500"]);
    expect(tokensOf("1,0000 1,00 1,234,56")).toEqual(["1", "0000", "1", "00", "1234", "56"]);
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

describe("a number after a sign", () => {
  it("is two words, as often as it stands, where a text names something by it", () => {
    expect(tokensOf("see #12, (#13) and issue#14")).toEqual(["see", "#", "12", "#", "13", "and", "issue#", "14"]);
    expect(tokensOf("# 5 #ops #")).toEqual(["#", "5", "ops", "#"]);
  });

  it("is written in one way, with the sign", () => {
    expect(spellingsOf("#12")).toEqual([["#", "12"]]);
    expect(spellingsOf("#12 now")).toEqual([["#", "12", "now"]]);
    expect(spellingsOf("see #12")).toEqual([["see", "#12"]]);
  });
});

describe("the ways in which a text may write a value", () => {
  it.each<[string, readonly string[]]>([
    ["Bob@Acme.com", ["bob@acme.com"]],
    ["Ann  Lee\tSmith", ["ann", "lee", "smith"]],
    [" main ", ["main"]],
    ["https://acme.com/a/", ["https://acme.com/a"]],
    ["acme/site", ["acme/site"]],
    ["a//", ["a/"]],
    ["#General", ["general"]],
    ["@lea now", ["lea", "now"]],
    ["@a_b-9", ["a_b-9"]],
    ["x#general", ["x#general"]],
    ["#general!", ["#general!"]],
    ["#@lea", ["#@lea"]],
    ["x#12", ["x#12"]],
    ["1.10", ["1.10"]],
    ["acme.", ["acme."]],
  ])("are one of `%s`", (value, words) => {
    expect(spellingsOf(value)).toEqual([words]);
  });

  it.each(["", " ", "/", "*", "a*b", "b\u200bob", "\uff42ob", "\ufb01le"])("are none of `%s`", (value) => {
    expect(spellingsOf(value)).toEqual([]);
  });

  it("are none of what is longer than any address or has more words than any name", () => {
    expect(spellingsOf("a".repeat(256))).toEqual([["a".repeat(256)]]);
    expect(spellingsOf("a".repeat(257))).toEqual([]);
    expect(spellingsOf("a ".repeat(32))[0]).toHaveLength(32);
    expect(spellingsOf("a ".repeat(33))).toEqual([]);
  });

  it("are two of a number that is not whole, as money is written, or too large to be exact", () => {
    expect(spellingsOf(-0.5)).toEqual([["-0.5"], ["-0.50"]]);
    expect(spellingsOf(9_007_199_254_740_991)).toEqual([["9007199254740991"]]);
    expect(spellingsOf(9_007_199_254_740_992)).toEqual([["9007199254740992"], ["9007199254740992.00"]]);
  });
});
