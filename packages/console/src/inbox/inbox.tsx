import { Suspense, useRef } from "react";
import { A, useAddress } from "../address.tsx";
import { later } from "../parts/later.ts";
import { useTitle } from "../parts/title.ts";
import { Guard } from "../shell/guard.tsx";
import { inboxViews, mayBeBelow } from "../shell/nouns.ts";
import { RequestList } from "./request-list.tsx";
import { RequestPane } from "./request-pane.tsx";
import { type Inbox as Listed, useInbox } from "./use-inbox.ts";
import { useRequest } from "./use-request.ts";

const Answers = later(() => import("./answers.tsx"));
const Grants = later(() => import("./grants.tsx"));
const Glass = later(() => import("./glass.tsx"));
const Batches = later(() => import("./batches.tsx"));
const Load = later(() => import("./load.tsx"));
const Report = later(() => import("./report.tsx"));

const words: Readonly<Record<(typeof inboxViews)[number], string>> = {
  "": "Waiting",
  batches: "Together",
  grants: "Grants",
  glass: "Break-glass",
  answers: "Answered",
  load: "Load",
  report: "Report",
};

/** What waits for people; beside it the request that is looked at. */
export function Inbox() {
  const { parts } = useAddress();
  const second = parts.slice(1).join("/");
  const isRequest = second.startsWith("act_") && mayBeBelow("inbox", second);
  const view = isRequest ? "" : second;
  const { data: of } = useRequest(isRequest ? second : undefined);
  const name = of === undefined ? "Request" : `Request: ${of.agent}, ${of.server}.${of.tool}`;
  useTitle(isRequest ? name : "Inbox");
  return (
    <>
      <h1>Inbox</h1>
      <nav aria-label="Views of the inbox" className="bar">
        {inboxViews.map((path) => (
          <A
            key={path}
            to={path === "" ? "/inbox" : `/inbox/${path}`}
            aria-current={path === view ? "page" : undefined}
          >
            {words[path]}
          </A>
        ))}
      </nav>
      <Guard key={view}>
        <Suspense fallback={null}>
          {view === "answers" ? <Answers /> : null}
          {view === "grants" ? <Grants /> : null}
          {view === "glass" ? <Glass /> : null}
          {view === "batches" ? <Batches /> : null}
          {view === "load" ? <Load /> : null}
          {view === "report" ? <Report /> : null}
          {inboxViews.some((path) => path === view) ? null : <Nothing of={second} />}
          {view === "" ? <Waiting chosen={isRequest ? second : undefined} /> : null}
        </Suspense>
      </Guard>
    </>
  );
}

function Nothing({ of }: { readonly of: string }) {
  return (
    <div className="empty">
      <p role="status">
        There is no page <code>{of}</code> in the inbox; a request has an id such as{" "}
        <code>act_01m825ak74d16nd9rpt2s43shj</code>. <A to="/inbox">All that waits</A>
      </p>
    </div>
  );
}

function Waiting({ chosen }: { readonly chosen: string | undefined }) {
  const { query } = useAddress();
  const inbox = useInbox();
  const first = useFirst(inbox, chosen === undefined);
  // From 1024 px on there is room for both: the first is looked at until another is chosen.
  const looked = chosen ?? (matchMedia("(min-width: 1024px)").matches ? first : undefined);
  return (
    <div className={chosen === undefined ? "pair" : "pair open"}>
      <div className="list">
        <RequestList inbox={inbox} looked={looked} />
      </div>
      <div className="detail">
        {chosen === undefined ? null : (
          <p className="back">
            <A to={`/inbox${query.size === 0 ? "" : `?${query}`}`}>All that waits</A>
          </p>
        )}
        {looked === undefined ? null : <RequestPane key={looked} id={looked} next={inbox.after(looked)} />}
      </div>
    </div>
  );
}

/**
 * The first that waits, where none is chosen: once. Ended under somebody who reads it or writes its reason, no other one
 * takes its place.
 */
function useFirst({ rows, order }: Listed, isWanted: boolean): string | undefined {
  const kept = useRef<{ readonly order: string; readonly id: string | undefined }>(undefined);
  const isKept = kept.current?.order === order && rows.some(({ line }) => line.id === kept.current?.id);
  if (!isWanted) kept.current = undefined;
  else if (!isKept) kept.current = { order, id: rows.find((row) => !row.ended)?.line.id };
  return kept.current?.id;
}
