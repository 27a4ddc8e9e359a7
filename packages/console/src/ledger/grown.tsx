import { connect, Flaw, type Followed, type TrustFile } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Ago } from "../parts/ago.tsx";
import { browserStore } from "../parts/kept.ts";
import { fetched } from "../parts/later.ts";
import { count, Said } from "../parts/machine.tsx";
import { Send } from "../parts/send.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { forgetPinned, keepPinned, knownTrust, lostKeys, newKeys, readPinned, sizeOf } from "./pins.ts";

interface Grown {
  readonly since: Followed["since"];
  readonly from: number | undefined;
  readonly to: number;
  readonly at: string;
}

/** Proves here that the log only grew since the checkpoint that this browser saw last, and keeps the newest. */
async function follow(trust: TrustFile): Promise<Grown> {
  const { origin } = trust;
  const before = readPinned(browserStore, origin);
  const { lastCheckpoint: _last, ...known } = knownTrust(before, trust);
  const keys = known.keys.map(({ vkey }) => vkey);
  const client = connect({
    url: location.origin,
    pins: {
      read: async () => before?.note,
      write: async (_, note) => keepPinned(browserStore, origin, { keys, note }),
    },
  });
  const { since, checkpoint } = await fetched(() => client.ledger.follow(known));
  const from = before?.note === undefined ? undefined : sizeOf(before.note);
  return { since, from, to: checkpoint.size, at: new Date().toISOString() };
}

export function GrownSince({ trust }: { readonly trust: TrustFile }) {
  const [looks, setLooks] = useState(0);
  const grown = useQuery({
    queryKey: ["grown", trust.origin, looks],
    queryFn: () => follow(trust),
    retry: false,
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const pinned = readPinned(browserStore, trust.origin);
  const fresh = newKeys(pinned, trust.keys);
  const { data, error } = grown;
  return (
    <>
      {error instanceof Flaw ? (
        <div className="trouble" role="alert">
          <p>
            <strong>The ledger is not what this browser saw before.</strong> {sentence(error.sentence)} Keep what you
            have, and tell an auditor: this must not happen without a restore that says so.
          </p>
        </div>
      ) : error !== null ? (
        <Trouble of={error} again={() => setLooks(looks + 1)} />
      ) : data === undefined ? null : (
        <p role="status">
          <strong className="allowed">{words(data)}</strong> Looked <Ago at={data.at} />.
        </p>
      )}
      {lostKeys(pinned, trust.keys).map((key) => (
        <p key={key} className="failed" role="alert">
          The server does not name this key any more, which this browser has seen: <Said text={key} />
        </p>
      ))}
      {fresh.map(({ vkey, from }) => (
        <p key={vkey} className="warn" role="alert">
          The server names a key that this browser has not seen before, from entry {count(from)} on:{" "}
          <Said text={vkey} />. Trust it only if somebody tells you of it by another way.{" "}
          <button
            type="button"
            onClick={() => {
              keepPinned(browserStore, trust.origin, { ...pinned, keys: [...(pinned?.keys ?? []), vkey] });
              setLooks(looks + 1);
            }}
          >
            Trust this key
          </button>
        </p>
      ))}
      <p className="deeds">
        <Send type="button" isSending={grown.isFetching} onClick={() => setLooks(looks + 1)}>
          Verify again
        </Send>
        <button
          type="button"
          className="quiet"
          onClick={() => {
            forgetPinned(browserStore, trust.origin);
            setLooks(looks + 1);
          }}
        >
          Forget what this browser saw
        </button>
      </p>
    </>
  );
}

function words({ since, from, to }: Grown): string {
  if (since === "first")
    return `This browser sees the ledger for the first time, at ${count(to)} entries; from now on it notices if the past changes.`;
  if (since === "same") return `The ledger is as this browser saw it last: ${count(to)} entries.`;
  return `The ledger only grew, from ${count(from ?? 0)} to ${count(to)} entries, proven in your browser.`;
}
