import { describe, expect, it } from "vitest";
import { gather } from "./gather.ts";

type Row = readonly [id: string, state: string];
const idOf = ([id]: Row): string => id;
const rows = (...ids: string[]): Row[] => ids.map((id) => [id, "new"]);
const none = new Map<string, Row>();

describe("a list that is read again", () => {
  it("keeps its rows where they are and counts what waits above", () => {
    const { rows: shown, waiting } = gather(["c", "b", "a"], rows("e", "d", "c", "b", "a"), none, idOf);
    expect(shown.map(idOf)).toEqual(["c", "b", "a"]);
    expect(waiting).toBe(2);
  });

  it("shows each as it is now, also one that moved to the top", () => {
    const { rows: shown, waiting } = gather(
      ["c", "b"],
      [
        ["b", "done"],
        ["c", "held"],
      ],
      none,
      idOf,
    );
    expect(shown).toEqual([
      ["c", "held"],
      ["b", "done"],
    ]);
    expect(waiting).toBe(0);
  });

  it("adds older ones below, and keeps one that is not among what was read", () => {
    const before = new Map<string, Row>([["b", ["b", "old"]]]);
    const { rows: shown, waiting } = gather(["c", "b"], rows("d", "c", "a"), before, idOf);
    expect(shown).toEqual([
      ["c", "new"],
      ["b", "old"],
      ["a", "new"],
    ]);
    expect(waiting).toBe(1);
  });

  it("shows all where nothing is shown yet, and counts all as new where none is known", () => {
    expect(gather([], rows("b", "a"), none, idOf)).toEqual({ rows: rows("b", "a"), waiting: 0 });
    expect(gather(["z"], rows("b", "a"), new Map([["z", ["z", "old"] as Row]]), idOf).waiting).toBe(0);
  });
});
