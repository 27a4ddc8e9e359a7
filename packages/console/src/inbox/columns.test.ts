import { expect, it } from "vitest";
import { answerColumns, waitingColumns } from "./columns.ts";

function cells<T>(columns: readonly { readonly name: string; readonly of: (row: T) => unknown }[], row: T) {
  return Object.fromEntries(columns.map(({ name, of }) => [name, of(row)]));
}

type Waiting = Parameters<(typeof waitingColumns)[number]["of"]>[0];
type Answered = Parameters<(typeof answerColumns)[number]["of"]>[0];

it("the file of what waits says so of nothing that may wait no more, and which approval no longer counts", () => {
  const line = { id: "act_1", openedAt: "2026-11-22T10:00:00Z", voided: "you left the group" };
  const row = (more: object) => ({ line, isNew: false, ended: false, isBehind: false, ...more }) as unknown as Waiting;
  expect(cells(waitingColumns, row({}))).toMatchObject({ waits: true, voided: "you left the group" });
  expect(cells(waitingColumns, row({ ended: true }))).toMatchObject({ waits: false });
  expect(cells(waitingColumns, row({ isBehind: true }))).toMatchObject({ waits: null });
});

it("the file of what was answered says of each what the page says", () => {
  const one = { at: "2026-11-22T10:00:00Z", sentence: "it ran", state: "done" };
  const said = (more: object) => cells(answerColumns, { ...one, ...more } as unknown as Answered).sentence;
  expect(said({})).toBe("it ran");
  expect(said({ voided: "it no longer counts" })).toBe("it no longer counts");
  expect(said({ voided: "it no longer counts", canary: { caught: true, sentence: "seeded" } })).toBe("seeded");
});
