import { A } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { count, Raw, Said, Short } from "../parts/machine.tsx";
import { Facts, Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { Answer } from "./answer.tsx";
import { Effect, type Policy, sources } from "./policy-set.tsx";
import { useDecisions } from "./use-decisions.ts";

const modes: Readonly<Record<string, string>> = {
  enforce:
    "it bites, except where its workflow is only observed; there it bites for executions in production, and all of a `copilot-only` workflow",
  observe: "it is only observed: it records what it would have said",
  always: "it bites everywhere, also where a workflow is only observed",
};

/** A policy as text, and the decisions that it made lately or nearly made. */
export function PolicyDetail({ policy }: { readonly policy: Policy }) {
  const { id, title, effect, source, file, mode, digest, text } = policy;
  const decided = useDecisions(id);
  const all = decided.data?.decisions ?? [];
  return (
    <article>
      <h2>{title ?? <Said text={id} />}</h2>
      <Facts
        of={[
          ["Name", <Said key="id" text={id} />],
          ["Effect", <Effect key="effect" of={effect} />],
          ["Source", sources[source]],
          ["File", <Said key="file" text={file} />],
          ["Mode", <Told key="mode" text={modes[mode] ?? mode} />],
          ["Digest", <Short key="digest" of={digest} length={16} />],
        ]}
      />
      <Raw value={text} label={`The text of ${id}`} />
      <h3>What it decided lately</h3>
      {decided.error === null ? null : <Trouble of={decided.error} />}
      {decided.data === undefined ? (
        decided.error === null ? (
          <p className="quiet">Looking through the newest actions …</p>
        ) : null
      ) : (
        <>
          <Decisions label="decisions" all={all.filter(({ held }) => held)} none="It decided nothing." />
          <h3>What it came close to</h3>
          <p className="quiet">It names the tool, and did not hold.</p>
          <Decisions label="near misses" all={all.filter(({ held }) => !held)} none="Nothing." />
          <p className="quiet">
            Looked through the newest {count(decided.data.looked)} actions of 30 days
            {decided.data.isWhole ? ", which are all of them" : "; there are more"}.
          </p>
        </>
      )}
    </article>
  );
}

type Decided = NonNullable<ReturnType<typeof useDecisions>["data"]>["decisions"];

function Decisions({ label, all, none }: { readonly label: string; readonly all: Decided; readonly none: string }) {
  if (all.length === 0) return <p>{none}</p>;
  return (
    <ul className="rows" aria-label={label}>
      {all.map((one) => (
        <li key={`${one.action} ${one.step}`}>
          <A to={`/actions/${one.action}`} className="row">
            <span className="first">
              <span>
                <Answer of={one.effect} /> <Said text={`${one.agent}: ${one.tool}`} />
              </span>
              <Ago at={one.at} />
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
