import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { A } from "../address.tsx";
import { Raw, Said } from "../parts/machine.tsx";
import { Send } from "../parts/send.tsx";
import { useTitle } from "../parts/title.ts";
import { Told } from "../parts/told.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";

const example = `\`refunds\` is there for this: “answer refund requests; people send the money”. It is guardrailed, asks for tier 1, and \`refund-bot\` works in it. On its own it may only read, with \`helpdesk.search_tickets\`; before every write a person must approve, \`dri\` where no sentence here says who. Before \`helpdesk.draft_refund\`, 1 of \`support-leads\` must approve within 4h, which counts for 1h; not the requester. It never uses \`helpdesk.send_reply\`.

No evaluation gates it. Its records hold everything, without \`personal\` (written there, not enforced yet), and are kept for 400d. It may cost 2 USD a run and 50 USD a day (written there, not enforced yet), and people are told at 80% of a day's calls. \`ana@acme.example\` answers for it, with \`bo@acme.example\` as deputy. Where nobody answers, \`support-leads\` is told after 1h. No playbook undoes it.`;

/** Rules of the road in two paragraphs, and the workflow file that says the same. */
export function Prose() {
  useTitle("A workflow in two paragraphs");
  const [prose, setProse] = useState(example);
  const read = useMutation({ mutationFn: (text: string) => plane().rules.draftRoad(text) });
  return (
    <>
      <h1>A workflow in two paragraphs</h1>
      <p>
        Say what it may do and who is asked in the first, and how it is measured, recorded, paid and owned in the
        second, in the words that <A to="/workflows">each workflow's page</A> opens with. What comes out is a draft:
        nothing is put in force.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          read.mutate(prose);
        }}
      >
        <label>
          Rules of the road
          <textarea rows={14} value={prose} onChange={(event) => setProse(event.target.value)} maxLength={50_000} />
        </label>
        <div className="deeds">
          <Send type="submit" isSending={read.isPending}>
            Make the file
          </Send>
        </div>
      </form>
      {read.error === null ? null : <Trouble of={read.error} />}
      {read.data === undefined ? null : (
        <section aria-label="The draft">
          <h2>The draft</h2>
          {read.data.faults.length === 0 ? (
            <p role="status">Every sentence was read.</p>
          ) : (
            <>
              <p role="status" className="held">
                {read.data.faults.length} {read.data.faults.length === 1 ? "sentence" : "sentences"} could not be read,
                and {read.data.faults.length === 1 ? "is" : "are"} not in it:
              </p>
              <ul>
                {read.data.faults.map(({ sentence, help }) => (
                  <li key={sentence}>
                    <Said text={sentence} />
                    <br />
                    <span className="quiet">
                      <Told text={help} />
                    </span>
                  </li>
                ))}
              </ul>
            </>
          )}
          <Raw value={read.data.file} label="The text of the workflow file" />
          <p>
            Copy it into a new file of <A to="/policies?view=draft">a draft</A>: there it is checked, tested and
            simulated before a second person puts it in force.
          </p>
        </section>
      )}
    </>
  );
}
