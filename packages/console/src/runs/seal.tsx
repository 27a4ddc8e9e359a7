import type { AnyReceipt } from "@countersign/client";
import { Ago } from "../parts/ago.tsx";
import { count } from "../parts/machine.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { useVerdict } from "./use-verdict.ts";

/** The foot of a receipt: what this browser found when it verified it. */
export function Seal({ shown }: { readonly shown: AnyReceipt }) {
  const { id } = shown;
  const verdict = useVerdict(shown);
  const { data } = verdict;
  return (
    <section className="seal" aria-label="Seal">
      <div className="verdict" role="status">
        {verdict.error !== null ? (
          <Trouble of={verdict.error} />
        ) : data === undefined ? (
          <p>Verifying here, in your browser …</p>
        ) : data.holds ? (
          <>
            <Stamp holds />
            <p>
              <strong>
                Sealed in checkpoint {data.size === null ? "?" : count(data.size)}, verified in your browser{" "}
                <Ago at={data.at} />.
              </strong>{" "}
              {data.onlyGrew ? "The ledger only grew since this browser first saw it. " : ""}
              {data.withheld === 0
                ? ""
                : `What ${data.withheld} of its ${data.writers.length} entries say is not shown to you: that they are unchanged is proven, and of this page only who, when and which steps. `}
            </p>
          </>
        ) : data.isPending ? (
          <p>Signed, and not in a checkpoint yet: the ledger is sealed about once a second. It is looked at again.</p>
        ) : (
          <>
            <Stamp holds={false} />
            <div>
              <p className="failed">
                <strong>This receipt does not verify.</strong> Do not rely on it. Keep the bundle as evidence and tell
                an auditor.
              </p>
              <ul>
                {data.problems.map((problem) => (
                  <li key={problem}>{sentence(problem)}</li>
                ))}
              </ul>
            </div>
          </>
        )}
      </div>
      <p className="deeds">
        <button type="button" onClick={() => void verdict.refetch({ cancelRefetch: false })}>
          Verify again
        </button>
        <a className="button" href={`/v1/receipts/${id}/bundle`} download>
          Download the bundle
        </a>
        {id.startsWith("act_") ? (
          <a className="button" href={`/receipts/${id}.html`}>
            The receipt without a script
          </a>
        ) : null}
      </p>
    </section>
  );
}

function Stamp({ holds }: { readonly holds: boolean }) {
  return (
    <svg
      className={holds ? "stamp allowed" : "stamp failed"}
      viewBox="0 0 64 64"
      width="56"
      height="56"
      aria-hidden="true"
    >
      <circle cx="32" cy="32" r="29" />
      <circle cx="32" cy="32" r="24" strokeDasharray="2 3" />
      <path d={holds ? "M20 33 l8 9 l17 -20" : "M22 22 L42 42 M42 22 L22 42"} />
    </svg>
  );
}
