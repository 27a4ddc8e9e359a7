import { useRef, useState } from "react";
import { A, useAddress } from "../address.tsx";
import { useKeys } from "../keys.tsx";
import { Ago } from "../parts/ago.tsx";
import { Said } from "../parts/machine.tsx";
import { OutOfOrder } from "../parts/out-of-order.tsx";
import { Room } from "../parts/room.tsx";
import { placeOf } from "../parts/rows.tsx";
import { Save } from "../parts/save.tsx";
import { State } from "../parts/state.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { useWindow } from "../parts/use-window.ts";
import { SearchBar } from "../runs/search-bar.tsx";
import { Views } from "../runs/views.tsx";
import { waitingColumns } from "./columns.ts";
import type { Inbox, Row } from "./use-inbox.ts";

/** As long as the style takes to have a row leave. */
const leaveMs = 120;

/** One line each: what is asked, how much depends on it, until when. */
export function RequestList({ inbox, looked }: { readonly inbox: Inbox; readonly looked: string | undefined }) {
  const { go, query, put } = useAddress();
  const { rows } = inbox;
  const list = useRef<HTMLUListElement>(null);
  const seen = useWindow(list, rows.length);
  const [isLeaving, setLeaving] = useState(false);
  // What is decided is seen to leave before the rest closes up.
  const sort = async (): Promise<void> => {
    if (inbox.gone > 0 && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      setLeaving(true);
      await new Promise((resolve) => setTimeout(resolve, leaveMs));
      setLeaving(false);
    }
    inbox.sort();
  };
  const isLater = query.get("cursor") !== null;
  // A page of its own in the browser's history: back is the page before.
  const page = (cursor: string | undefined): void => {
    const search = new URLSearchParams(query);
    if (cursor === undefined) search.delete("cursor");
    else search.set("cursor", cursor);
    go(`/inbox?${search}`);
    scrollTo(0, 0);
  };
  const walk = (step: number): void => {
    const at = rows.findIndex((row) => row.line.id === looked);
    const further =
      step > 0
        ? rows.findIndex((row, index) => index > at && !row.ended)
        : rows.findLastIndex((row, index) => index < at && !row.ended);
    const place = further < 0 ? at : further;
    const to = rows[place];
    if (to === undefined) return;
    go(`/inbox/${to.line.id}${location.search}`);
    seen.bring(place);
  };
  useKeys([
    { press: "j", does: "look at the next request", run: () => walk(1) },
    { press: "k", does: "look at the request before", run: () => walk(-1) },
    { press: "n", does: "the next page of requests", run: () => inbox.next !== undefined && page(inbox.next) },
    { press: "p", does: "the first page of requests again", run: () => isLater && page(undefined) },
  ]);
  return (
    <>
      <SearchBar of="what waits" trouble={inbox.trouble}>
        <code>agent:</code> <code>workflow:</code> <code>tool:</code> <code>risk:</code> narrow it, such as{" "}
        <code>risk:high agent:scribe</code>
      </SearchBar>
      <Views of="/inbox" />
      <div className="bar">
        <label className="check">
          <input
            type="checkbox"
            checked={query.get("mine") === "true"}
            onChange={(event) => put({ mine: event.target.checked ? "true" : undefined, cursor: undefined })}
          />{" "}
          only what I may answer
        </label>
        <label className="check">
          Order
          <select
            value={query.get("order") ?? "risk"}
            onChange={(event) => put({ order: event.target.value, cursor: undefined })}
          >
            <option value="risk">risk, then deadline</option>
            <option value="time">oldest first</option>
          </select>
        </label>
      </div>
      {inbox.error !== null && rows.length === 0 ? <Trouble of={inbox.error} again={inbox.sort} /> : null}
      {inbox.isEmpty ? <Empty isMine={query.get("mine") === "true"} isNarrowed={inbox.isNarrowed} /> : null}
      <OutOfOrder
        of={{ isInOrder: inbox.news + inbox.gone === 0, sort }}
        list="Requests that wait"
        words={`${inbox.news === 0 ? "" : `${inbox.news} came since, below. `}${inbox.gone === 0 ? "" : `${inbox.gone} went.`}`}
      />
      <ul className={seen.isMany ? "rows walk" : "rows"} ref={list} aria-label="Requests that wait">
        {seen.isMany ? <Room rows={seen.from} /> : null}
        {rows.slice(seen.from, seen.to).map((row, offset) => (
          <Item
            key={row.line.id}
            row={row}
            isLooked={row.line.id === looked}
            isLeaving={isLeaving && row.ended}
            place={seen.isMany ? placeOf(seen.from + offset, rows.length) : {}}
          />
        ))}
        {seen.isMany ? <Room rows={rows.length - seen.to} /> : null}
      </ul>
      {/* Below what is shown: nothing moves from under a pointer. */}
      {inbox.error !== null && rows.length > 0 ? <Trouble of={inbox.error} again={inbox.sort} /> : null}
      <div className="deeds">
        {inbox.next === undefined ? null : (
          <button type="button" onClick={() => page(inbox.next)}>
            The next page
          </button>
        )}
        {isLater ? (
          <button type="button" onClick={() => page(undefined)}>
            From the first
          </button>
        ) : null}
      </div>
      <Save name="waiting" columns={waitingColumns} rows={rows} />
    </>
  );
}

function Item({
  row: { line, isNew, ended, isBehind },
  isLooked,
  isLeaving,
  place,
}: {
  readonly row: Row;
  readonly isLooked: boolean;
  readonly isLeaving: boolean;
  readonly place: Partial<ReturnType<typeof placeOf>>;
}) {
  return (
    <li id={`row-${line.id}`} {...place} className={`leaves${ended ? " gone-by" : ""}${isLeaving ? " gone" : ""}`}>
      <A to={`/inbox/${line.id}${location.search}`} className="row" aria-current={isLooked ? "true" : undefined}>
        <span className="first">
          <span>
            {line.risk === undefined ? null : <State of={line.risk.level} />} {nameOf(line)}
          </span>
          <small>
            {line.environment} ·{" "}
            {ended ? (
              "answered or ended"
            ) : isBehind ? (
              "on the next page, if it still waits"
            ) : isNew ? (
              "new"
            ) : line.expiresAt === undefined ? (
              "no deadline"
            ) : (
              <Ago at={line.expiresAt} />
            )}
          </small>
        </span>
        <span className="second">
          <Said text={line.target} />
          {line.voided === undefined ? "" : " · your approval no longer counts"}
          {line.frozenBy === undefined ? (line.yours ? "" : " · asks others") : " · frozen by a stop"}
        </span>
      </A>
    </li>
  );
}

/** What is asked, in the row: an undo is asked by a person, by the call of the agent whose deed it was. */
function nameOf({ agent, server, tool, undoes }: Row["line"]): string {
  return undoes === undefined
    ? `${agent}: ${server}.${tool}`
    : `${undoes.by ?? agent}: undo ${undoes.action} (${server}.${tool})`;
}

function Empty({ isMine, isNarrowed }: { readonly isMine: boolean; readonly isNarrowed: boolean }) {
  if (isNarrowed)
    return (
      <div className="empty">
        <p>
          Nothing that waits fits. <A to="/inbox">Show all that waits</A>
        </p>
      </div>
    );
  return (
    <div className="empty">
      <p>{isMine ? "Nothing waits that you may answer." : "Nothing waits for an answer."}</p>
      <p>
        A call is held where a workflow's <code>ask</code> or a policy wants a person. Let an agent that is connected
        here write a file, and its request appears here at once.
      </p>
    </div>
  );
}
