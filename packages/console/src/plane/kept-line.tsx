import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import type { Edits } from "./draft-files.ts";
import { changedSince, type OlderDraft } from "./kept-draft.ts";

/** Since when the draft is kept in this tab, and the way to be rid of it; what was discarded can be had back here. */
export function Kept({
  edits,
  at,
  isKept,
  set,
}: {
  readonly edits: Edits;
  readonly at: string | undefined;
  readonly isKept: boolean;
  readonly set: (edits: Edits) => void;
}) {
  const [dropped, setDropped] = useState<Edits>();
  const isEmpty = Object.keys(edits).length === 0;
  if (isEmpty && dropped === undefined) return null;
  const discard = (): void => {
    setDropped(edits);
    set({});
  };
  return (
    <p className="kept">
      {isEmpty ? (
        <>
          The draft was discarded.{" "}
          <button type="button" className="quiet" onClick={() => set(dropped ?? {})}>
            Bring it back
          </button>
        </>
      ) : (
        <>
          {isKept && at !== undefined ? (
            <>
              Draft kept from <Clock at={at} /> in this tab alone.{" "}
            </>
          ) : (
            <span className="warn">This browser does not keep the draft: loaded anew, this page has lost it. </span>
          )}
          <button type="button" className="quiet" onClick={discard}>
            Discard it
          </button>
        </>
      )}
    </p>
  );
}

/** What it would be put over is not what it was written over: which files changed in force meanwhile is said first. */
export function Older({
  of,
  take,
  drop,
}: {
  readonly of: OlderDraft;
  readonly take: () => void;
  readonly drop: () => void;
}) {
  const history = useQuery({
    queryKey: ["plane", "history"],
    queryFn: () => plane().policies.history(200),
    // What was read before the change does not know it.
    refetchOnMount: "always",
  });
  // Read again behind this, it stays: nothing moves from under a finger.
  const isKnown = history.isFetchedAfterMount && history.error === null;
  return (
    <div className="claim">
      <p>
        A draft from <Clock at={of.draft.at} /> was written over files that are in force no more.
      </p>
      {history.error === null ? null : <Trouble of={history.error} again={() => void history.refetch()} />}
      {history.data === undefined || !isKnown ? null : (
        <Meanwhile changed={changedSince(history.data, of.base)} of={of} />
      )}
      <div className="deeds">
        <button type="button" disabled={!history.isFetchedAfterMount} onClick={take}>
          Put it over those of now
        </button>
        <button type="button" className="quiet" onClick={drop}>
          Discard that draft
        </button>
      </div>
    </div>
  );
}

function Meanwhile({ changed, of }: { readonly changed: readonly string[] | undefined; readonly of: OlderDraft }) {
  if (changed === undefined)
    return (
      <p className="warn">
        Which files changed in force meanwhile cannot be told: the history does not reach that far. It may take back
        what others changed; read its difference.
      </p>
    );
  const both = changed.filter((file) => Object.hasOwn(of.draft.edits, file));
  return (
    <>
      <p>Changed in force meanwhile: {changed.join(", ") || "nothing"}.</p>
      {both.length === 0 ? null : (
        <p className="warn">
          The draft holds {both.join(", ")} whole, as written before that: put over, it takes back what changed there.
        </p>
      )}
    </>
  );
}

/** Of today the time alone; the viewer's zone, with UTC on hover. */
function Clock({ at }: { readonly at: string }) {
  const when = new Date(at);
  const isToday = when.toDateString() === new Date().toDateString();
  const time = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return (
    <time dateTime={at} title={at}>
      {isToday ? time : `${when.toLocaleDateString()} ${time}`}
    </time>
  );
}
