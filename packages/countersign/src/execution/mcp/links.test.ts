import { expect, it } from "vitest";
import { bareAnswer } from "./http.ts";
import type { Ask, Link } from "./link.ts";
import { createLinks } from "./links.ts";
import { createMask } from "./mask.ts";
import type { Pool } from "./pool.ts";

function slowPool(openMs: number): { pool: Pool; asked: Ask[] } {
  const asked: Ask[] = [];
  const link: Link = {
    era: "legacy",
    self: { capabilities: {}, info: {} },
    async ask(ask) {
      asked.push(ask);
      return { kind: "answered", result: {} };
    },
    async tell() {},
    alive: () => true,
    async close() {},
  };
  const open = async () => {
    await new Promise((resolve) => setTimeout(resolve, openMs));
    return link;
  };
  const pool: Pool = {
    link: open,
    openFor: async () => ({ ...(await open()), own: false }),
    look: async () => {},
    forget() {},
    async close() {},
  };
  return { pool, asked };
}

it("nothing is sent where it may not go any more once the way is open", async () => {
  const { pool, asked } = slowPool(20);
  let reason: string | undefined;
  const answered = createLinks(pool, createMask()).ask("tools/call", {}, { whyNot: () => reason }, 60_000);
  reason = "stopped";
  expect(await answered).toEqual({ kind: "never_sent", reason: "stopped" });
  expect(asked).toEqual([]);
});

it("opening the way is part of the deadline", async () => {
  const { pool, asked } = slowPool(60);
  const ms = 60_000;
  const links = createLinks(pool, createMask());
  expect(await links.ask("tools/call", {}, {}, 30)).toMatchObject({ kind: "never_sent" });
  expect(asked).toEqual([]);
  await links.ask("tools/call", {}, {}, ms);
  expect(asked[0]?.deadlineMs).toBeLessThan(ms - 40);
});

it("an upstream that answers `see other` may have acted; one that moved has not", () => {
  expect(bareAnswer(303).kind).toBe("lost");
  expect(bareAnswer(308).kind).toBe("never_sent");
});
