import { expect, it } from "vitest";
import { behindName, isPrintable, shownName } from "./names.ts";

const all = { servers: ["git", "git__hub", "crm"], single: undefined, transparent: false };

it("a shown name leads back to its server, the longer server name first", () => {
  for (const server of all.servers) {
    expect(behindName(all, shownName(all, server, "push"))).toEqual({ server, name: "push" });
  }
  expect(behindName(all, "git__hub__x")).toEqual({ server: "git__hub", name: "x" });
  expect(behindName(all, "nobody__x")).toBeUndefined();
  const single = { ...all, servers: ["git"], single: "git" };
  expect(behindName(single, "crm__push")).toEqual({ server: "git", name: "crm__push" });
});

it("a name that could write into a terminal is not shown", () => {
  for (const name of ["a\r\nb", "\u001b[2J", "a\u202eb", "a\u200bb", "x".repeat(257)])
    expect(isPrintable(name)).toBe(false);
  expect(isPrintable("größe_1-a.b/c")).toBe(true);
});
