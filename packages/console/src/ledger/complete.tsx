import type { Completeness } from "@countersign/client";
import { useEffect, useRef, useState } from "react";
import { A } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { count } from "../parts/machine.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { Told } from "../parts/told.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { Wide } from "../parts/wide.tsx";
import { plane } from "../plane.ts";

type Gap = Completeness["gaps"][number];

const columns: readonly Column<Gap>[] = [
  { name: "receipt", of: ({ action }) => action },
  { name: "workflow", of: ({ workflow }) => workflow },
  { name: "asked for", of: ({ at }) => at },
  { name: "what", of: ({ kind }) => kind },
  { name: "why", of: ({ sentence }) => sentence },
];

const measured = [
  ["Intent on record before it was sent", "intent"],
  ["Inputs on record", "inputs"],
  ["Outcome on record", "outcome"],
  ["Outputs on record, or why not", "outputs"],
  ["Required approvals present, counted anew", "approval"],
  ["Entries in order and time", "order"],
] as const;

const because = [
  ["refused", "refused"],
  ["certainly never happened", "failed"],
  ["unknown, and asked about", "unknown"],
  ["erased", "erased"],
  ["with secrets cut from the output", "redacted"],
  ["with an output that is not kept, and why", "withheld"],
  ["let through on a grant", "granted"],
  ["not asked about any more when they ran", "released"],
  ["still waiting", "waiting"],
  ["under way", "inFlight"],
] as const;

const mostShown = 200;

interface Asked {
  readonly since?: string;
  readonly until?: string;
  readonly workflow?: string;
}

/** Whether every action of a window has on record what it must: counted page by page, as long as somebody looks on. */
export function Complete() {
  const [found, setFound] = useState<Completeness>();
  const [isCounting, setCounting] = useState(false);
  const [trouble, setTrouble] = useState<unknown>(null);
  const last = useRef<Asked>({});
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const check = async (asked: Asked): Promise<void> => {
    abort.current?.abort();
    const own = new AbortController();
    abort.current = own;
    last.current = asked;
    setFound(undefined);
    setTrouble(null);
    setCounting(true);
    try {
      await plane().ledger.completeness(asked, (sofar) => own.signal.aborted || setFound(sofar), own.signal);
    } catch (cause) {
      if (!own.signal.aborted) setTrouble(cause);
    } finally {
      if (!own.signal.aborted) setCounting(false);
    }
  };
  return (
    <>
      <form
        className="bar"
        aria-label="Is the log complete?"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const given = ["since", "until", "workflow"].map(
            (name) => [name, String(form.get(name) ?? "").trim()] as const,
          );
          void check(Object.fromEntries(given.filter(([, text]) => text !== "")));
        }}
      >
        <label>
          From
          <input name="since" type="date" />
        </label>
        <label>
          To the end of
          <input name="until" type="date" />
        </label>
        <label>
          Workflow
          <input name="workflow" maxLength={100} placeholder="all" />
        </label>
        <button type="submit">Check</button>
      </form>
      {trouble === null ? null : <Trouble of={trouble as Error} again={() => void check(last.current)} />}
      {isCounting ? <p role="status">Looked at {count(found?.actions ?? 0)} actions, and goes on.</p> : null}
      {found === undefined ? null : <Counted found={found} isCounting={isCounting} />}
    </>
  );
}

function Counted({ found, isCounting }: { readonly found: Completeness; readonly isCounting: boolean }) {
  const named = because.filter(([, name]) => found.reasons[name] > 0);
  return (
    <>
      <p role={isCounting ? undefined : "status"} className={found.isComplete ? "" : "failed"}>
        {found.found === 0 ? "No gaps" : found.found === 1 ? "1 gap" : `${count(found.found)} gaps`} in{" "}
        {count(found.actions)} actions from {found.since.slice(0, 16).replace("T", " ")} to{" "}
        {found.until.slice(0, 16).replace("T", " ")} UTC{isCounting ? " so far" : ""}.
      </p>
      <Wide label="What is on record">
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col" className="number">
                Of
              </th>
              <th scope="col" className="number">
                On record
              </th>
              <th scope="col" className="number">
                Share
              </th>
            </tr>
          </thead>
          <tbody>
            {measured.map(([words, name]) => {
              const { have, of, share } = found.measures[name];
              return (
                <tr key={name} data-measure={name}>
                  <th scope="row">{words}</th>
                  <td className="number">{count(of)}</td>
                  <td className="number">{count(have)}</td>
                  <td className="number">
                    {share === null ? "" : `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Wide>
      {named.length === 0 ? null : (
        <p className="quiet">{named.map(([words, name]) => `${count(found.reasons[name])} ${words}`).join(", ")}.</p>
      )}
      {found.gaps.length === 0 ? null : (
        <Wide label="Gaps">
          <table className="stack">
            <thead>
              <tr>
                <th scope="col">Receipt</th>
                <th scope="col">Workflow</th>
                <th scope="col">Asked for</th>
                <th scope="col">What</th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {found.gaps.slice(0, mostShown).map((gap) => (
                <tr key={`${gap.action} ${gap.kind} ${gap.sentence}`} data-gap={gap.kind}>
                  <td>
                    <A to={`/actions/${gap.action}`}>{gap.action}</A>
                  </td>
                  <td data-label="Workflow">{gap.workflow}</td>
                  <td data-label="Asked for">
                    <Ago at={gap.at} />
                  </td>
                  <td data-label="What">{gap.kind}</td>
                  <td data-label="Why">
                    <Told text={gap.sentence} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      {found.found > mostShown ? <p className="quiet">Only the first {mostShown} are shown here.</p> : null}
      <Save name="log-gaps" columns={columns} rows={found.gaps} />
    </>
  );
}
