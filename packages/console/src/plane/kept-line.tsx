import { useState } from "react";
import type { Edits } from "./draft-files.ts";

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

export function Older({
  at,
  take,
  drop,
}: {
  readonly at: string;
  readonly take: () => void;
  readonly drop: () => void;
}) {
  return (
    <p className="claim">
      A draft from <Clock at={at} /> was written over files that are in force no more.{" "}
      <button type="button" onClick={take}>
        Put it over those of now
      </button>{" "}
      <button type="button" className="quiet" onClick={drop}>
        Discard that draft
      </button>
    </p>
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
