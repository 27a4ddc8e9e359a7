import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { A } from "../address.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { AnswerBar } from "./answer-bar.tsx";
import { RequestBody } from "./request-body.tsx";
import type { Request } from "./shape.ts";

/** One request with what can be answered. Another content than was read is said, and disarms every button for a moment. */
export function RequestPane({ id, next }: { readonly id: string; readonly next: string | undefined }) {
  const found = useQuery({
    queryKey: ["approvals", "one", id],
    queryFn: async () => (await plane().approvals.get(id)) as Request,
    retry: false,
  });
  const first = useRef<string | undefined>(undefined);
  const [changed, setChanged] = useState(false);
  const digest = found.data?.shownDigest;
  useEffect(() => {
    if (digest === undefined) return;
    if (first.current !== undefined && first.current !== digest) setChanged(true);
    first.current = digest;
  }, [digest]);
  const top = useRef<HTMLElement>(null);
  const isThere = found.data !== undefined;
  useEffect(() => {
    // Another request is read from its beginning, not from where the last one was left.
    if (isThere) top.current?.closest(".detail")?.scrollTo(0, 0);
  }, [isThere]);
  if (found.data === undefined) return found.error === null ? null : <Ended id={id} error={found.error} />;
  return (
    <article aria-label="The request" ref={top}>
      {changed ? (
        <p className="trouble" role="alert">
          <strong>This request changed while it was open.</strong> Read it again: nothing was answered.
        </p>
      ) : null}
      <RequestBody of={found.data} />
      {found.error === null ? <AnswerBar of={found.data} next={next} /> : <Ended id={id} error={found.error} />}
    </article>
  );
}

function Ended({ id, error }: { readonly id: string; readonly error: unknown }) {
  const isGone = typeof error === "object" && error !== null && "code" in error && error.code === "not_found";
  if (!isGone) return <Trouble of={error} />;
  return (
    <div className="empty">
      <p role="status">
        This request waits no more: it was answered, it lapsed, or a stop ended it.{" "}
        <A to={`/actions/${id}`}>How it ended</A>
      </p>
    </div>
  );
}
