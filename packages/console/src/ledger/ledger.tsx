import type { LedgerState } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { Ago } from "../parts/ago.tsx";
import { count, Said } from "../parts/machine.tsx";
import { useTitle } from "../parts/title.ts";
import { Trouble } from "../parts/trouble.tsx";
import { Wide } from "../parts/wide.tsx";
import { ask, plane } from "../plane.ts";
import { usePerson } from "../session.tsx";
import { Complete } from "./complete.tsx";
import { GrownSince } from "./grown.tsx";
import { ReadersOf } from "./readers-of.tsx";

/** How far the ledger is, who else has seen it, and what this browser can prove of it. */
export default function Ledger() {
  useTitle("Ledger");
  const person = usePerson();
  const isAuditor = person.roles.some((role) => role === "auditor" || role === "admin");
  const state = useQuery({
    queryKey: ["now", "ledger"],
    queryFn: ({ signal }) => ask<LedgerState>("/v1/ledger/state", { signal }),
    refetchInterval: 5_000,
  });
  const trust = useQuery({ queryKey: ["trust"], queryFn: () => plane().ledger.trust() });
  return (
    <>
      <h1>Ledger</h1>
      <p>Everything that happened, chained and signed. Who holds a receipt can verify it without this server.</p>
      {state.error === null ? null : <Trouble of={state.error} again={() => void state.refetch()} />}
      {state.data === undefined ? null : <HowFar state={state.data} />}
      <h2>Only grown?</h2>
      {trust.error === null ? null : <Trouble of={trust.error} again={() => void trust.refetch()} />}
      {trust.data === undefined ? null : <GrownSince trust={trust.data} />}
      <h2>Keys that sign</h2>
      <ul className="plain">
        {trust.data?.keys.map(({ vkey, from, until }) => (
          <li key={vkey}>
            <Said text={vkey} />{" "}
            <small>
              from entry {count(from)} {until === undefined ? "on, now" : `to ${count(until)}, retired`}
            </small>
          </li>
        ))}
      </ul>
      <p className="deeds">
        <a className="button" href="/v1/ledger/trust" download="trust.json">
          Download the trust file
        </a>
        <a className="button" href="/v1/ledger/checkpoint">
          The checkpoint itself
        </a>
        {isAuditor ? (
          <a className="button" href="/v1/ledger/export" download="countersign.log">
            Download the whole log
          </a>
        ) : null}
      </p>
      {isAuditor ? (
        <>
          <p className="quiet">
            The whole log names agents and people, and holds nothing that is sealed. That you took it is written down.
          </p>
          <h2>Is it complete?</h2>
          <p className="quiet">
            Whether each action has on record what it must: an intent before it was sent, inputs, an outcome, outputs,
            and the approvals that rules asked for, counted anew. Without days it is the last thirty. That you looked is
            written down.
          </p>
          <Complete />
          <h2>Who has read a receipt</h2>
          <ReadersOf />
        </>
      ) : null}
    </>
  );
}

function HowFar({ state: { origin, sealed, behind, alarm, anchors, timestamps } }: { readonly state: LedgerState }) {
  return (
    <>
      {alarm === null ? null : (
        <p className="failed" role="alert">
          The log has stopped: <Said text={alarm} />. Nothing new is sealed until an operator has looked.
        </p>
      )}
      <dl className="facts">
        <dt>Log</dt>
        <dd>
          <Said text={origin} />
        </dd>
        <dt>Newest checkpoint</dt>
        <dd>
          {sealed === null ? (
            "none yet: the first comes within a second of the first entry"
          ) : (
            <>
              {count(sealed.size)} entries, signed <Ago at={sealed.at} />
            </>
          )}
        </dd>
        <dt>Not sealed yet</dt>
        <dd>
          {behind === 0 ? "nothing: every entry is in a checkpoint" : `${count(behind)} entries, for about a second`}
        </dd>
      </dl>
      <h2>Who else has seen it</h2>
      <Wide label="Who else has seen it">
        <table>
          <thead>
            <tr>
              <th scope="col">Place</th>
              <th scope="col">Holds the first</th>
              <th scope="col">Lags by</th>
              <th scope="col">Trouble</th>
            </tr>
          </thead>
          <tbody>
            {anchors.map(({ name, size, fault }) => (
              <tr key={name}>
                <td>
                  <Said text={name} />
                </td>
                <td>{size === null ? "not asked by this process" : `${count(size)} entries`}</td>
                <td>{size === null || sealed === null ? "" : `${count(Math.max(0, sealed.size - size))} entries`}</td>
                <td className={fault === null ? "" : "failed"}>{fault === null ? "none" : <Said text={fault} />}</td>
              </tr>
            ))}
            {timestamps.map(({ authority, size, at }) => (
              <tr key={`${authority} ${size}`}>
                <td>
                  timestamp by <Said text={authority} />
                </td>
                <td>
                  {count(size)} entries, <Ago at={at} />
                </td>
                <td>{sealed === null ? "" : `${count(Math.max(0, sealed.size - size))} entries`}</td>
                <td>none</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}
