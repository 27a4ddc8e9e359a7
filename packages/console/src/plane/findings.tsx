import type { PolicyFindings } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A, useAddress } from "../address.tsx";
import { count } from "../parts/machine.tsx";
import { Empty } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";

type Finding = PolicyFindings["findings"][number];

const columns: readonly Column<Finding>[] = [
  { name: "kind", of: ({ kind }) => kind },
  { name: "policy", of: ({ policy }) => policy },
  { name: "file", of: ({ file }) => file },
  { name: "by", of: ({ by }) => by ?? null },
  { name: "sentence", of: (finding) => finding.sentence },
];

const kinds = { shadowed: "never decides", overlap: "says again", unused: "decided nothing" } as const;

/** Rules behind other rules, rules that say what others say, rules that decided nothing. */
export function Findings() {
  const { query, put } = useAddress();
  const days = Number(query.get("unused") ?? "0");
  const found = useQuery({
    queryKey: ["plane", "findings", days],
    queryFn: () => plane().rules.findings(days > 0 ? days : undefined),
  });
  const all = found.data?.findings ?? [];
  return (
    <>
      <label className="check">
        Rules that decided nothing in
        <select
          value={String(days)}
          onChange={(event) => put({ unused: event.target.value === "0" ? "" : event.target.value })}
        >
          <option value="0">no time: do not look</option>
          <option value="7">7 days</option>
          <option value="30">30 days</option>
          <option value="90">90 days</option>
        </select>
      </label>
      {found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />}
      {found.data === undefined ? null : all.length === 0 ? (
        <Empty>
          <p>
            Each rule says something that no other rule says
            {days > 0 && found.data.isWhole ? ", and each decided something" : ""}.
          </p>
          {days > 0 && found.data.looked === 0 ? (
            <p>Nothing was decided in that time, so nothing is said of what is unused.</p>
          ) : null}
          {found.data.isWhole ? null : (
            <p>More was decided in that time than is looked at, so nothing is said of what is unused.</p>
          )}
        </Empty>
      ) : (
        <>
          {days > 0 ? (
            <p className="quiet">
              Looked through {count(found.data.looked)} decisions
              {found.data.isWhole ? "" : ", the newest; there are more, so nothing is said of what is unused"}. Who
              looks is written down.
            </p>
          ) : null}
          <ul className="rows" aria-label="findings">
            {all.map((finding) => (
              <li key={`${finding.kind} ${finding.policy}`}>
                <A to={`/policies/${encodeURIComponent(finding.policy)}`} className="row">
                  <span className="first">
                    <code>{finding.policy}</code>
                    <span className="held">{kinds[finding.kind]}</span>
                  </span>
                  <span className="second">
                    <Told text={sentence(`it ${finding.sentence}`)} /> In {finding.file}
                  </span>
                </A>
              </li>
            ))}
          </ul>
          <Save name="findings" columns={columns} rows={all} />
        </>
      )}
    </>
  );
}
