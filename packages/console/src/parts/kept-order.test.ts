import { expect, it } from "vitest";
import { keptOrder } from "./kept-order.ts";

interface Row {
  readonly id: string;
  readonly of?: number;
}
const idOf = ({ id }: Row): string => id;
const rows = (...ids: readonly string[]): readonly Row[] => ids.map((id) => ({ id }));
const look = (all: ReturnType<typeof keptOrder<Row>>) =>
  all.map(({ item, isNew, isGone }) => `${item.id}${isNew ? " new" : ""}${isGone ? " gone" : ""}`);

it("keeps every row where it was, puts what is new below, and lets what went stay until it is back", () => {
  const first = keptOrder([], rows("a", "b", "c"), idOf);
  expect(look(first)).toEqual(["a", "b", "c"]);
  const second = keptOrder(first, rows("z", "c", "a"), idOf);
  expect(look(second)).toEqual(["a", "b gone", "c", "z new"]);
  expect(look(keptOrder(second, rows("b", "y", "z", "c", "a"), idOf))).toEqual(["a", "b", "c", "z new", "y new"]);
});

it("shows a row as it is known now, and remembers what it was when it got its place", () => {
  const first = keptOrder([], [{ id: "a", of: 1 }], idOf);
  const [row] = keptOrder(first, [{ id: "a", of: 2 }], idOf);
  expect([row?.item.of, row?.first.of]).toEqual([2, 1]);
});
