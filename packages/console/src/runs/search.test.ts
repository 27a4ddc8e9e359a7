import { describe, expect, it } from "vitest";
import { inboxFilters, listOf, parseSearch, writeSearch } from "./search.ts";

describe("a typed search", () => {
  it("is filters and words, in any order", () => {
    expect(parseSearch("agent:scribe  see OPS-4711 state:held please")).toEqual({
      filters: { agent: "scribe", state: "held" },
      words: "see OPS-4711 please",
    });
    expect(parseSearch('tool:"files.write file" "in this order"')).toEqual({
      filters: { tool: "files.write file" },
      words: '"in this order"',
    });
    expect(parseSearch("")).toEqual({ filters: {}, words: "" });
  });

  it("takes an address, a digest and a quoted colon for words", () => {
    for (const words of ["https://x.example/pull/7", "sha256:ab12", '"agnt:x"', "OPS:12", "file:/a/b", "12:30"])
      expect(parseSearch(words)).toEqual({ filters: {}, words });
  });

  it("names the filter that was meant, and what is wrong with a value", () => {
    expect(parseSearch("agnt:scribe").trouble).toContain("There is no filter `agnt`. Did you mean `agent:`?");
    expect(parseSearch("colour:red").trouble).toContain(
      "Filters are agent, workflow, tool, state, risk, target, since, until, run.",
    );
    expect(parseSearch("state:hold").trouble).toContain("Did you mean `state:held`?");
    expect(parseSearch("run:run_1").trouble).toContain("the whole id of a run");
    expect(parseSearch("agent:").trouble).toContain("without a space between");
    expect(parseSearch("agent:a agent:b").trouble).toContain("given twice");
  });

  it("takes a risk, a target and a period, and says what is wrong with one", () => {
    expect(parseSearch("risk:high target:srv/pages/a.md since:2026-11-01 until:2026-11-22T08:30Z")).toEqual({
      filters: { risk: "high", target: "srv/pages/a.md", since: "2026-11-01", until: "2026-11-22T08:30Z" },
      words: "",
    });
    expect(parseSearch("target:https://x.example/pull/7").filters).toEqual({ target: "https://x.example/pull/7" });
    expect(parseSearch("risk:huge").trouble).toContain("low, medium or high");
    for (const wrong of ["since:yesterday", "since:2026-02-30", "until:2026-13-01", "until:2026-11-22T08:30", "since:"])
      expect(parseSearch(wrong).trouble, wrong).toContain("a day in UTC");
    expect(parseSearch("since:2026-11-22T08:30+02:00").trouble).toBeUndefined();
  });

  it("tells which state another word for an end means", () => {
    for (const word of ["denied", "expired", "cancelled"])
      expect(parseSearch(`state:${word}`).trouble).toContain("Did you mean `state:refused`?");
  });

  it("of the inbox has filters of its own", () => {
    expect(parseSearch("risk:high agent:scribe", inboxFilters)).toEqual({
      filters: { risk: "high", agent: "scribe" },
      words: "",
    });
    expect(parseSearch("risk:huge", inboxFilters).trouble).toContain("it is low, medium or high");
    expect(parseSearch("state:held", inboxFilters).trouble).toContain("Filters are agent, workflow, tool, risk.");
  });

  it("is written as it would be typed", () => {
    for (const text of ["agent:scribe state:held see this", 'tool:"a b"', "just words"])
      expect(writeSearch(parseSearch(text))).toBe(text);
  });
  it("has an address, which reads back as the same", () => {
    expect(listOf("runs", { agent: "scribe" })).toBe("/runs?q=agent%3Ascribe");
    const address = new URL(listOf("actions", { tool: "files.write file", state: "held" }), "http://x");
    expect(address.searchParams.get("of")).toBe("actions");
    expect(parseSearch(address.searchParams.get("q") ?? "").filters).toEqual({
      tool: "files.write file",
      state: "held",
    });
  });
});
