import type { DeedReceipt } from "@countersign/client";
import { Ago } from "../parts/ago.tsx";
import { Raw, Said } from "../parts/machine.tsx";
import { Seal } from "./seal.tsx";

/** The receipt of a deed of governance: what somebody did to the plane. */
export function DeedPage({ deed }: { readonly deed: DeedReceipt }) {
  const { id, kind, person, agent, workflow, tool, at, payload, disclosed, withheld } = deed;
  const facts = [
    ["Agent", agent],
    ["Workflow", workflow],
    ["Tool", tool],
  ] as const;
  return (
    <article className="receipt">
      <header>
        <h1>Receipt of a deed</h1>
        <p>
          {person ?? "The plane itself"}: {kind}{" "}
          <span className="quiet">
            <Ago at={at} />
          </span>
        </p>
        <p className="number">{id}</p>
      </header>
      <dl className="facts">
        {facts.map(([name, value]) =>
          value === null ? null : (
            <div key={name} className="fact">
              <dt>{name}</dt>
              <dd>
                <Said text={value} />
              </dd>
            </div>
          ),
        )}
      </dl>
      {disclosed ? null : <p>What this record said was erased. What remains proves that it was made.</p>}
      {withheld.length > 0 ? (
        <p className="quiet">What was recorded of it is not shown to you.</p>
      ) : payload === null ? null : (
        <Raw value={payload} label="what was recorded" />
      )}
      <Seal shown={deed} />
    </article>
  );
}
