import type { GrantProposals } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { A } from "../address.tsx";
import { took } from "../parts/ago.tsx";
import { count, Raw, Said } from "../parts/machine.tsx";
import { Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";

type Proposal = GrantProposals["proposals"][number];

/** What people approved so often that it could be granted beforehand. Looking changes nothing, and nothing here does. */
export function ProposedGrants() {
  const [isAsked, setAsked] = useState(false);
  const found = useQuery({
    queryKey: ["grant-proposals"],
    queryFn: () => plane().grants.proposals(),
    enabled: isAsked,
    // Each reading is written down: it is read again where somebody asks.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const { data } = found;
  return (
    <section aria-label="What could be granted">
      <h2>What could be granted beforehand</h2>
      <p className="quiet">
        Classes of calls that people looked at and approved each time, with nothing against any of them. Nothing is put
        in force here: two people put the workflow file in force, and whoever may answer grants at the next request.
      </p>
      {isAsked ? null : (
        <button type="button" onClick={() => setAsked(true)}>
          Look for proposals
        </button>
      )}
      {found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />}
      {data === undefined ? null : <Found of={data} />}
    </section>
  );
}

function Found({ of: { proposals, left, looked, isWhole, least, weeks } }: { readonly of: GrantProposals }) {
  if (!isWhole) return <p role="status">More was asked than is looked at, so nothing is proposed.</p>;
  return (
    <div role="status">
      {proposals.length > 0 ? null : (
        <p>
          Nothing is proposed: of {count(looked)} requests of {weeks} weeks, no class was approved {least} times with
          nothing against it.
        </p>
      )}
      {proposals.map((one) => (
        <Proposed key={JSON.stringify([one.workflow, one.agent, one.evidence.receipts])} of={one} />
      ))}
      {left.length === 0 ? null : (
        <>
          <h3>Approved as often, and not proposed</h3>
          <ul>
            {left.map((one) => (
              <li key={JSON.stringify([one.workflow, one.agent, one.tool, one.because])}>
                {one.server}.{one.tool} by {one.agent} in {one.workflow}, approved {count(one.approved)} times:{" "}
                <Told text={one.because} />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function Proposed({ of }: { readonly of: Proposal }) {
  const { evidence, spared, change, needs, waiting, grant } = of;
  const [next] = waiting;
  return (
    <article aria-label={`${of.agent}'s ${of.server}.${of.tool} in ${of.workflow}`}>
      <h3>
        {of.agent}'s {of.server}.{of.tool} in {of.workflow}
      </h3>
      <p>
        <Told text={sentence(of.sentence)} />
      </p>
      <dl className="facts">
        <div className="fact">
          <dt>approved by</dt>
          <dd>{evidence.people.map(({ person, approved }) => `${person} ${count(approved)}`).join(", ")}</dd>
        </div>
        <div className="fact">
          <dt>would be approved</dt>
          <dd>at least {Math.floor(evidence.atLeast * 100)} of 100, at 95 %</dd>
        </div>
        <div className="fact">
          <dt>would have spared</dt>
          <dd>
            {count(spared.questions)} questions
            {spared.lookedMs === null ? "" : `, ${took(spared.lookedMs)} of looking`}, {took(spared.waitedMs)} of
            waiting
          </dd>
        </div>
        <div className="fact">
          <dt>receipts</dt>
          <dd>
            {evidence.receipts.map((id) => (
              <span key={id}>
                <A to={`/actions/${id}`}>{id}</A>{" "}
              </span>
            ))}
          </dd>
        </div>
      </dl>
      {needs === null ? null : (
        <p className="trouble">
          <Told text={sentence(needs)} />
        </p>
      )}
      {change === null ? null : (
        <>
          <p>
            First, in <Said text={change.file} />, as two people put a workspace in force:
          </p>
          <Raw value={change.difference.filter((line) => /^[-+] /.test(line)).join("\n")} label="Lines that change" />
        </>
      )}
      <p>
        What to grant, for {took(grant.forMs)} and {count(grant.uses)} calls,{" "}
        {next === undefined ? "at the next such request:" : <A to={`/inbox/${next}`}>at the one that waits now:</A>}
      </p>
      <Raw value={grant.shape} label="Shape of the grant" />
    </article>
  );
}
