import { useQuery } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { useLine } from "../live.tsx";
import { span, useTick } from "../parts/ago.tsx";
import { ask } from "../plane.ts";

export interface Now {
  readonly at: string;
  readonly agents: { readonly active: number; readonly all: number };
  readonly held: { readonly count: number; readonly oldestAt: string | null };
  readonly unknowns: number;
  readonly alerts: number;
  readonly stops: number;
  readonly toSign: number;
  readonly sealed: { readonly size: number; readonly at: string } | null;
}

export function useNow(): Now | undefined {
  return useQuery({ queryKey: ["now"], queryFn: () => ask<Now>("/v1/now") }).data;
}

/** One sentence: what the plane is doing now. What needs somebody comes before how much is done. */
export function TopLine({ now }: { readonly now: Now | undefined }) {
  useTick(5_000);
  const line = useLine();
  if (now === undefined) return <p className="line" />;
  const { held, unknowns, alerts, stops, toSign, agents, sealed } = now;
  const since = held.oldestAt === null ? "" : `, oldest ${span(Date.now() - Date.parse(held.oldestAt))}`;
  return (
    <p className="line">
      {unknowns > 0 ? (
        <>
          <A to="/unknowns" className="unknown">
            {many(unknowns, "unknown")}
          </A>
          {", "}
        </>
      ) : null}
      {alerts > 0 ? (
        <>
          <A to="/alerts" className="failed">
            {many(alerts, "alert")}
          </A>
          {", "}
        </>
      ) : null}
      {toSign > 0 ? (
        <>
          <A to="/policies?view=signatures" className="warn">
            {many(toSign, "proposal")} {toSign === 1 ? "waits" : "wait"} for your signature
          </A>
          {", "}
        </>
      ) : null}
      <A to="/stops" className={stops > 0 ? "failed" : ""}>
        {stops === 0 ? "nothing stopped" : `${many(stops, "stop")} in force`}
      </A>
      {", "}
      <A to="/inbox">
        {held.count === 0
          ? "no request waits"
          : `${many(held.count, "request")} ${held.count === 1 ? "waits" : "wait"}`}
      </A>
      {since}, <A to="/agents">{many(agents.active, "agent")} active</A>,{" "}
      <A to="/ledger">
        {sealed === null
          ? "ledger not sealed yet"
          : `ledger sealed ${span(Math.max(1_000, Date.now() - Date.parse(sealed.at)))} ago`}
      </A>
      {line === "broken" ? <span className="warn"> · no live line: read again every 5 s</span> : null}
    </p>
  );
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
