import { type AnyReceipt, CountersignProblem, type TrustFile } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { keepPinned, knownTrust, lostKeys, readPinned, sizeOf } from "../ledger/pins.ts";
import { browserStore } from "../parts/kept.ts";
import { fetched } from "../parts/later.ts";
import { plane } from "../plane.ts";
import type { Verdict } from "./verify.ts";

/** One number for each receipt that was read: a verdict is about what is shown, not about whatever has the same id. */
const readings = new WeakMap<AnyReceipt, number>();
let lastReading = 0;

function readingOf(shown: AnyReceipt): number {
  const reading = readings.get(shown) ?? ++lastReading;
  readings.set(shown, reading);
  return reading;
}

/** Reads the bundle and verifies it here, with the keys and the checkpoint that this browser saw before. */
export function useVerdict(shown: AnyReceipt) {
  const { id } = shown;
  return useQuery({
    queryKey: ["verdict", id, readingOf(shown)],
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    // What is signed and not sealed yet is looked at again in a moment.
    refetchInterval: ({ state }) => (state.data?.isPending === true ? 1_500 : false),
    queryFn: async (): Promise<Verdict & { readonly at: string }> => {
      if (globalThis.crypto?.subtle === undefined)
        throw new CountersignProblem("unavailable", "this browser verifies only pages that came over https", {
          help: "the receipt may be true; verify the bundle with `npx countersign verify`, or open the console over https",
        });
      const trust = await plane().ledger.trust();
      const { verifyReceipt } = await fetched(() => import("./verify.ts"));
      const pinned = readPinned(browserStore, trust.origin);
      const lost = lostKeys(pinned, trust.keys);
      const known = knownTrust(pinned, trust);
      const bytes = await plane().receipts.bundle(id, pinned?.note === undefined ? undefined : sizeOf(pinned.note));
      const verdict = await verifyReceipt(shown, bytes, known);
      if (pinned === undefined && verdict.holds) pinFirst(trust);
      const isNewer = known.keys.length < trust.keys.length && !verdict.holds && !verdict.isPending;
      const problems = [
        ...lost.map(
          (key) => `the server does not name the key ${key.slice(0, 60)} any more, which this browser has seen`,
        ),
        ...(isNewer
          ? ["the server names a key that this browser has not seen before: the Ledger page says which"]
          : []),
      ];
      return {
        ...verdict,
        holds: verdict.holds && lost.length === 0,
        problems: [...verdict.problems, ...problems],
        at: new Date().toISOString(),
      };
    },
  });
}

function pinFirst({ origin, keys, lastCheckpoint }: TrustFile): void {
  keepPinned(browserStore, origin, {
    keys: keys.map(({ vkey }) => vkey),
    ...(lastCheckpoint === undefined ? {} : { note: lastCheckpoint }),
  });
}
