import { expect, it } from "vitest";
import { dropView, isOf, keepView, readViews } from "./saved-views.ts";

function memory(text?: string) {
  let kept: string | null = text ?? null;
  return {
    getItem: () => kept,
    setItem(_: string, value: string) {
      kept = value;
    },
  };
}

it("views are kept under their names, replaced and dropped", () => {
  const store = memory();
  keepView(store, { name: " held ", to: "/runs?q=state%3Aheld" });
  keepView(store, { name: "held", to: "/runs?of=actions" });
  keepView(store, { name: "mine", to: "/runs" });
  expect(readViews(store)).toEqual([
    { name: "held", to: "/runs?of=actions" },
    { name: "mine", to: "/runs" },
  ]);
  dropView(store, "/runs", "held");
  expect(readViews(store)).toEqual([{ name: "mine", to: "/runs" }]);
  expect(keepView(store, { name: "  ", to: "/runs" })).toHaveLength(1);
});

it("what the browser kept and cannot be read, or leads elsewhere, is none", () => {
  for (const text of [
    "{",
    "7",
    '[{"name":"x","to":"javascript:alert(1)"}]',
    '[{"name":"x","to":"//evil.example/runs"}]',
  ])
    expect(readViews(memory(text))).toEqual([]);
});

it("a view is of the page that it leads to", () => {
  const store = memory();
  keepView(store, { name: "risky", to: "/inbox?q=risk%3Ahigh" });
  keepView(store, { name: "runs", to: "/runs" });
  const of = (page: "/runs" | "/inbox") =>
    readViews(store)
      .filter((view) => isOf(view, page))
      .map(({ name }) => name);
  expect([of("/inbox"), of("/runs")]).toEqual([["risky"], ["runs"]]);
  expect(readViews(memory('[{"name":"x","to":"/inboxes"},{"name":"y","to":"/inbox/act_1"}]'))).toEqual([]);
});

it("a view of one page neither replaces, drops nor crowds out one of the other", () => {
  const store = memory();
  keepView(store, { name: "mine", to: "/runs?q=agent%3Ascribe" });
  for (let at = 0; at < 60; at++) keepView(store, { name: `view ${at}`, to: "/inbox" });
  keepView(store, { name: "mine", to: "/inbox?mine=true" });
  expect(readViews(store)).toHaveLength(51);
  expect(readViews(store)).toContainEqual({ name: "mine", to: "/runs?q=agent%3Ascribe" });
  expect(readViews(store)).toContainEqual({ name: "mine", to: "/inbox?mine=true" });
  dropView(store, "/inbox", "mine");
  expect(readViews(store).filter(({ name }) => name === "mine")).toEqual([
    { name: "mine", to: "/runs?q=agent%3Ascribe" },
  ]);
});
