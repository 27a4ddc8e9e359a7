import { CountersignProblem } from "@countersign/client";
import { useEffect, useRef, useState } from "react";
import { A } from "../address.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { AnswerBar } from "./answer-bar.tsx";
import { LookedIn } from "./looked.tsx";
import { RequestBody } from "./request-body.tsx";
import { useRequest } from "./use-request.ts";
import { useStart } from "./use-start.ts";

/** One request with what can be answered. Another content than was read is said, and disarms every button for a moment. */
export function RequestPane({ id, next }: { readonly id: string; readonly next: string | undefined }) {
  const { data, error, refetch } = useRequest(id);
  const first = useRef<string | undefined>(undefined);
  const [changed, setChanged] = useState(false);
  const digest = data?.shownDigest;
  useEffect(() => {
    if (digest === undefined) return;
    if (first.current !== undefined && first.current !== digest) setChanged(true);
    first.current = digest;
  }, [digest]);
  const top = useRef<HTMLElement>(null);
  const isThere = data !== undefined;
  const isGone = error instanceof CountersignProblem && error.code === "not_found";
  useEffect(() => {
    // Another request is read from its beginning, not from where the last one was left.
    if (isThere) top.current?.closest(".detail")?.scrollTo(0, 0);
  }, [isThere]);
  useStart(top, { id, isThere, isGone });
  if (!isThere && error === null) return null;
  return (
    <article aria-label="The request" ref={top}>
      {changed ? (
        <p className="trouble" role="alert">
          <strong>This request changed while it was open.</strong> Read it again: nothing was answered.
        </p>
      ) : null}
      <LookedIn of={digest ?? ""}>
        {isThere ? <RequestBody of={data} /> : null}
        {error === null || isGone ? null : <Trouble of={error} again={() => void refetch()} />}
        {/* What cannot be read again for a moment is still what was read: an answer, and what is written, stay. */}
        {isThere && !isGone ? <AnswerBar of={data} next={next} /> : null}
      </LookedIn>
      {isGone ? <Ended id={id} /> : null}
    </article>
  );
}

function Ended({ id }: { readonly id: string }) {
  return (
    <div className="empty">
      <p role="status" className="ended" tabIndex={-1}>
        This request waits no more: it was answered, it lapsed, or a stop ended it.{" "}
        <A to={`/actions/${id}`}>How it ended</A>
      </p>
    </div>
  );
}
