import type { Trust } from "@countersign/contract";
import type {
  AnyReceipt,
  CompletenessPage,
  CompletenessQuery,
  Consistency,
  Found,
  Inclusion,
  LedgerState,
  Reader,
  TrustFile,
} from "./body.ts";
import { type Completeness, sumCompleteness } from "./completeness.ts";
import type { Followed, PinStore } from "./pin.ts";
import { problemOf } from "./problem.ts";
import type { Wire } from "./wire.ts";

const id = encodeURIComponent;

/** What happened, and the proof of it. */
export function receiptsOf(wire: Wire) {
  return {
    /** The six questions of an action, or the record of a deed of governance. */
    get: (receipt: string): Promise<AnyReceipt> => wire.json({ method: "GET", path: `/v1/receipts/${id(receipt)}` }),
    /** A page that needs no JavaScript. */
    html: (receipt: string): Promise<string> =>
      wire.text({ method: "GET", path: `/v1/receipts/${id(receipt)}`, headers: { accept: "text/html" } }),
    /** The file that verifies offline, byte for byte. `since` asks for a proof that the log only grew. */
    bundle: async (receipt: string, since?: number): Promise<Uint8Array<ArrayBuffer>> => {
      const answer = await wire.send({
        method: "GET",
        path: `/v1/receipts/${id(receipt)}/bundle`,
        query: { since },
        headers: { accept: "*/*" },
      });
      return new Uint8Array(await answer.arrayBuffer());
    },
    readers: async (receipt: string): Promise<readonly Reader[]> =>
      (await wire.json<{ readers: readonly Reader[] }>({ method: "GET", path: `/v1/receipts/${id(receipt)}/readers` }))
        .readers,
    /** Anything that somebody pasted: an id, a run, a name, an address, a ticket, a commit, words. Newest first. */
    lookup: (q: string, cursor?: string, limit?: number): Promise<Found> =>
      wire.json({ method: "GET", path: "/v1/lookup", query: { q, cursor, limit } }),
  };
}

/** The log itself: signed checkpoints and proofs. */
export function ledgerOf(wire: Wire, pins: PinStore) {
  const page = (query: CompletenessQuery & { readonly cursor?: string } = {}): Promise<CompletenessPage> =>
    wire.json({ method: "GET", path: "/v1/ledger/completeness", query: { ...query } });
  return {
    checkpoint: (): Promise<string> =>
      wire.text({ method: "GET", path: "/v1/ledger/checkpoint", headers: { accept: "text/plain" } }),
    /** The whole log, as lines that verify offline; for auditors. It has no deadline: the signal ends it. */
    export: async (signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> => {
      const answer = await wire.open("/v1/ledger/export", { accept: "*/*" }, signal);
      if (!answer.ok || answer.body === null)
        throw problemOf(answer.status, await answer.json().catch(() => undefined));
      return answer.body;
    },
    /** How far the log is, and who else has seen it. */
    state: (): Promise<LedgerState> => wire.json({ method: "GET", path: "/v1/ledger/state" }),
    /** The proof that the entry with this index is in the log of this size. */
    inclusion: (index: number, size: number): Promise<Inclusion> =>
      wire.json({ method: "GET", path: "/v1/ledger/inclusion", query: { index, size } }),
    /** The proof that the log of the one size only grew to the other; `follow` asks for it and checks it. */
    consistency: (from: number, to: number): Promise<Consistency> =>
      wire.json({ method: "GET", path: "/v1/ledger/consistency", query: { from, to } }),
    /** A tile of hashes by its path after `tile/`, such as `0/000`, or of leaves as `entries/000`, for auditors (C2SP tlog-tiles). */
    tile: async (path: string): Promise<Uint8Array<ArrayBuffer>> => {
      const answer = await wire.send({
        method: "GET",
        path: `/v1/ledger/tile/${path.split("/").map(id).join("/")}`,
        headers: { accept: "*/*" },
      });
      return new Uint8Array(await answer.arrayBuffer());
    },
    /** What must be on record of each action of a window, and what of it is not; a page at a time, the newest first. */
    completenessPage: page,
    /** All pages of it together; `told` hears after each how far it is. The signal ends it between two. */
    completeness: (
      query: CompletenessQuery = {},
      told?: (sofar: Completeness) => void,
      signal?: AbortSignal,
    ): Promise<Completeness> => sumCompleteness(page, query, told, signal),
    /** What to pin once, over a way that is trusted; afterwards only the pinned file counts. */
    trust: (): Promise<TrustFile> => wire.json({ method: "GET", path: "/v1/ledger/trust" }),
    /** A new signing key, introduced by the old one. Get the trust file again afterwards, or follow the receipt. */
    rotate: (): Promise<{ readonly vkey: string; readonly receipt: string }> =>
      wire.json({ method: "POST", path: "/v1/ledger/rotate" }),
    /** Moves the pinned checkpoint forward, and fails where the log did not only grow. */
    follow: async (trust: Trust): Promise<Followed> => {
      // What verifies is loaded where it is asked for: a page that looks at nothing signed never needs it.
      const { follow } = await import("./follow.ts");
      return follow(wire, trust, pins);
    },
  };
}
