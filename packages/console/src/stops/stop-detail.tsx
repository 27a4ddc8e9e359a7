import type { StopView } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { Ago, span, useTick } from "../parts/ago.tsx";
import { Said } from "../parts/machine.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { State } from "../parts/state.tsx";
import { Facts, Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { ask, plane } from "../plane.ts";
import { usePerson } from "../session.tsx";
import { what } from "./stop-words.ts";
import { Standing } from "./stops.tsx";

/** One stop, from who took it to how everything that it met ended. */
export function StopDetail({ id }: { readonly id: string }) {
  useTick(1_000);
  const found = useQuery({
    queryKey: ["stops", id],
    queryFn: () => ask<StopView>(`/v1/stops/${encodeURIComponent(id)}`),
    refetchInterval: 5_000,
  });
  const trouble = found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />;
  if (found.data === undefined) return trouble;
  const { stop, receipt, inForce, held, inFlight, inFlightIsWhole, isWhole } = found.data;
  const open = inFlight.filter(({ state }) => state === "running" || state === "ready").length;
  return (
    <article>
      {trouble}
      <h2>
        <Standing of={stop} /> <Said text={what(stop)} />
      </h2>
      <p className="words plain">
        <Said text={stop.reason} />
      </p>
      <Facts
        of={[
          ["Stopped by", <Stopper key="by" by={stop.by} vouchedBy={stop.vouchedBy} />],
          ["Since", <Ago key="since" at={stop.takenAt} />],
          ["Until", <Until key="until" stop={stop} />],
          ["What is held", stop.voids ? "refused, not frozen" : "frozen until the stop ends, then decided again"],
          [
            "Record",
            receipt === null ? (
              "from before stops named theirs"
            ) : (
              <a key="receipt" href={receipt}>
                the stop report's receipt
              </a>
            ),
          ],
        ]}
      />
      {inForce ? <Lifting view={found.data} /> : null}
      <h3>What was on its way</h3>
      {inFlight.length === 0 ? (
        <p>Nothing had been sent when it took effect.</p>
      ) : (
        <>
          <p>
            {open === 0
              ? "Everything that had been sent has ended:"
              : `${open} of ${inFlight.length} still run; each ends as done, failed or unknown:`}
          </p>
          <Met label="what was on its way" all={inFlight} />
        </>
      )}
      {inFlightIsWhole || receipt === null ? null : <p>Its record names only what one server had on its way.</p>}
      <h3>What it found held</h3>
      {held.length === 0 ? (
        <p>{isWhole ? "No request waited for anybody." : "Its record does not say; it is from an earlier version."}</p>
      ) : (
        <Met label="what it found held" all={held} />
      )}
    </article>
  );
}

function Stopper({ by, vouchedBy }: { readonly by: string; readonly vouchedBy: readonly string[] }) {
  return (
    <>
      {by}
      {vouchedBy.length === 0 ? "" : ` (let in by ${vouchedBy.join(", ")}: they count as one person)`}
    </>
  );
}

/** When it ends, or ended: by whose hand, or with its time. */
function Until({ stop }: { readonly stop: StopView["stop"] }) {
  const { liftedAt, liftedBy, untilMs } = stop;
  const ends = untilMs === null ? undefined : new Date(untilMs).toISOString();
  if (liftedAt !== null)
    return (
      <>
        <Moment at={liftedAt} />, when {liftedBy.join(" and ")} lifted it (<Ago at={liftedAt} />)
        {ends === undefined ? null : (
          <>
            ; its time would have ended it at <Moment at={ends} />
          </>
        )}
      </>
    );
  if (untilMs === null || ends === undefined) return <>somebody lifts it</>;
  const left = untilMs - Date.now();
  return (
    <>
      <Moment at={ends} />
      {left > 0 ? `, ${clock(left)} left` : ", when its time was over"}
    </>
  );
}

function Moment({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={at}>
      {at.slice(0, 16).replace("T", " ")} UTC
    </time>
  );
}

/** `1 h 04 min`, and by the second under a minute. */
function clock(ms: number): string {
  if (ms < 60_000) return span(Math.max(1_000, ms));
  const minutes = Math.ceil(ms / 60_000);
  const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24, minutes % 60];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${String(rest).padStart(2, "0")} min` : `${rest} min`;
}

function Lifting({ view }: { readonly view: StopView }) {
  const me = usePerson();
  const { stop, notYours, alone, held } = view;
  const frozen = held.filter((one) => one.frozen).length;
  if (notYours !== null)
    return (
      <p className="claim">
        {stop.by === me.email ? (
          <>
            <strong>You took this stop, so somebody else has to lift it.</strong> Ask a colleague who is an operator, an
            administrator or the workflow's DRI; this page is their address, too.
          </>
        ) : (
          <>
            You cannot lift it: <Told text={notYours} />.
          </>
        )}
      </p>
    );
  return (
    <ReasonDialog
      of={stop.id}
      words="Lift it"
      title={`Lift the stop of ${what(stop)}`}
      label="Why it may go on"
      act={(reason) => plane().stops.lift(stop.id, reason)}
    >
      <p>
        {frozen === 0
          ? "Nothing is frozen."
          : `${frozen} frozen ${frozen === 1 ? "request is" : "requests are"} decided again, by the rules of that moment.`}{" "}
        {alone
          ? "You took it and lift it yourself: your organisation is one person. The record says so."
          : `You are the second person: ${stop.by} stopped it.`}
      </p>
    </ReasonDialog>
  );
}

function Met({
  label,
  all,
}: {
  readonly label: string;
  readonly all: readonly (StopView["inFlight"][number] & { readonly frozen?: boolean })[];
}) {
  return (
    <ul className="rows" aria-label={label}>
      {all.map((one) => (
        <li key={one.action}>
          <A to={`/actions/${one.action}`} className="row">
            <span className="first">
              <span>
                <State of={one.state} /> <Said text={`${one.agent}: ${one.tool}`} />
              </span>
              {one.frozen === true ? <span className="held">frozen</span> : null}
            </span>
            <span className="second">
              <Told text={sentence(one.sentence)} />
            </span>
          </A>
        </li>
      ))}
    </ul>
  );
}
