import { alertKinds } from "@countersign/contract";
import { expect, it } from "vitest";
import { mayBeBelow, type Noun, nouns } from "../shell/nouns.ts";
import { adviceFor } from "./advice.ts";

const unknownKind = adviceFor("never-heard-of");

it("has words of its own for every kind of alert that a server can raise", () => {
  const said = alertKinds.map(adviceFor);
  expect(alertKinds.filter((_, at) => said[at] === unknownKind)).toEqual([]);
  expect(new Set(said.map(({ what }) => what)).size).toBe(alertKinds.length);
  expect(adviceFor("toString")).toBe(unknownKind);
});

it("sends people to pages that there are", () => {
  const subjects = { unknown: "act_", moved: "act_", contradiction: "act_" } as Record<string, string>;
  for (const kind of alertKinds) {
    const prefix = subjects[kind];
    const path = adviceFor(kind).to?.(prefix === undefined ? "docs-upkeep" : `${prefix}${"0".repeat(26)}`);
    if (path === undefined) continue;
    const [, noun = "", ...rest] = path.replace(/\?.*$/, "").split("/");
    expect([kind, nouns.includes(noun as Noun) && mayBeBelow(noun as Noun, rest.join("/"))]).toEqual([kind, true]);
  }
});
