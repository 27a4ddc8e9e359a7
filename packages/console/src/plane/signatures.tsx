import type { ProposalLine, Waivers } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { Said } from "../parts/machine.tsx";
import { Empty } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { usePerson } from "../session.tsx";
import { PlanChanges } from "./plan-changes.tsx";

type Waiting = Waivers["proposed"][number];

const columns: readonly Column<ProposalLine | Waiting>[] = [
  { name: "id", of: ({ id }) => id },
  { name: "of", of: (one) => ("tier" in one ? `tier ${one.tier} for ${one.agent}` : "the rules") },
  { name: "asked by", of: ({ by }) => by },
  { name: "yours to sign", of: ({ yours }) => (yours ? "yes" : "no") },
];

/** What one person asked for and a second one has to sign: first what the reader may sign. */
export function Signatures() {
  const rules = useQuery({ queryKey: ["plane", "proposals"], queryFn: () => plane().rules.proposals() });
  const tiers = useQuery({ queryKey: ["plane", "waivers"], queryFn: () => plane().rules.waivers() });
  const all = [...(rules.data ?? []), ...(tiers.data?.proposed ?? [])];
  const groups = [
    ["Waits for your signature", all.filter(({ yours }) => yours)],
    ["Waits for somebody else's", all.filter(({ yours }) => !yours)],
  ] as const;
  return (
    <>
      {rules.error === null ? null : <Trouble of={rules.error} again={() => void rules.refetch()} />}
      {tiers.error === null ? null : <Trouble of={tiers.error} again={() => void tiers.refetch()} />}
      {rules.data !== undefined && tiers.data !== undefined && all.length === 0 ? (
        <Empty>
          <p>Nothing waits for a second person.</p>
          <p>
            Rules that somebody asks to put in force, and tiers that are not earned yet, are listed here until another
            person has signed them. <A to="/stops">Stops</A> that wait to be lifted have their own list.
          </p>
        </Empty>
      ) : null}
      {groups.map(([title, list]) =>
        list.length === 0 ? null : (
          <section key={title} aria-label={title}>
            <h2>{title}</h2>
            {list.map((one) => (
              <div className="entry" key={one.id}>
                {"tier" in one ? <Tier of={one} /> : <Rules of={one} />}
              </div>
            ))}
          </section>
        ),
      )}
      {all.length === 0 ? null : <Save name="signatures" columns={columns} rows={all} />}
    </>
  );
}

/** The page that signs it is the server's own, and shows every file line by line. */
function Rules({ of: { id, by, at, expiresAt, plan, yours } }: { readonly of: ProposalLine }) {
  const me = usePerson();
  return (
    <>
      <p>
        <strong>{by}</strong> asks to put rules in force, since <Ago at={at} />; it lapses <Ago at={expiresAt} />.
      </p>
      <PlanChanges plan={plan} />
      <p className="deeds">
        <a className="button" href={`/proposals/${id}`}>
          {yours ? "Look at it and sign" : by === me.email ? "Look at it, or take it back" : "Look at it"}
        </a>
      </p>
    </>
  );
}

function Tier({ of: { agent, by, days, reason, tier, workflow, yours } }: { readonly of: Waiting }) {
  return (
    <>
      <p>
        <strong>{by}</strong> asks for tier {tier} for {agent} in {workflow} for {days} days: <Said text={reason} />
      </p>
      <p className="deeds">
        <A to={`/workflows/${encodeURIComponent(workflow)}`} className="button">
          {yours ? "Look at it and sign" : "Look at it"}
        </A>
      </p>
    </>
  );
}
