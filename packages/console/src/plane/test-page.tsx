import type { TestPaged } from "@countersign/client";
import { useMutation } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { Said } from "../parts/machine.tsx";
import { Send } from "../parts/send.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { readsNotices, usePerson } from "../session.tsx";

/** Who is really reached is known when it was tried: a notice that says that it is a test, to whom the escalation names. */
export function TestPage({ workflow }: { readonly workflow: string }) {
  const isLinked = readsNotices(usePerson());
  const page = useMutation({ mutationFn: (all: boolean) => plane().notices.testPage(workflow, all) });
  return (
    <section aria-label="Escalation">
      <h3>Escalation</h3>
      <p>
        A test page goes to whom the first step of its escalation names, or every step, and tells what arrived. Each
        message says that it is a test; who sends it is on record.
        {isLinked ? (
          <>
            {" "}
            <A to="/notices">What was told so far</A>.
          </>
        ) : null}
      </p>
      <form
        className="deeds"
        onSubmit={(event) => {
          event.preventDefault();
          page.mutate(new FormData(event.currentTarget).get("all") !== null);
        }}
      >
        <Send type="submit" isSending={page.isPending}>
          {page.isPending ? "Sending …" : "Send a test page"}
        </Send>
        <label className="check">
          <input type="checkbox" name="all" /> to every step
        </label>
      </form>
      {page.error === null ? null : <Trouble of={page.error} />}
      <div role="status">{page.data === undefined ? null : <Paged of={page.data} isLinked={isLinked} />}</div>
    </section>
  );
}

function Paged({
  of: { steps, delivered, failed, unreached, receipt },
  isLinked,
}: {
  readonly of: TestPaged;
  readonly isLinked: boolean;
}) {
  const place = ({ channel, person }: { readonly channel: string; readonly person: string | null }): string =>
    person === null ? channel : `${channel}, to ${person}`;
  return (
    <>
      <p>
        {unreached.length === 0 && failed.length === 0
          ? "Everything arrived."
          : unreached.length === 0
            ? "Everybody was reached, and not by every way."
            : `Nobody reached ${unreached.join(", ")}.`}
      </p>
      <ul>
        {steps.map(({ to, people }) => (
          <li key={to}>
            {to}: {people.length === 0 ? "nobody" : people.join(", ")}
          </li>
        ))}
      </ul>
      <ul>
        {delivered.map((one) => (
          <li key={one.notice}>
            <span className="state allowed">● arrived</span> {place(one)}
          </li>
        ))}
        {failed.map((one) => (
          <li key={one.notice}>
            <span className="state failed">✕ did not</span>{" "}
            {isLinked ? <A to={`/notices/${one.notice}`}>{place(one)}</A> : place(one)}:{" "}
            <Said text={sentence(one.why)} /> {one.triesAgain ? "It is tried again." : ""}
          </li>
        ))}
      </ul>
      <p className="quiet">
        That it arrived does not say that somebody looked. <A to={`/actions/${receipt}`}>Its receipt</A>
      </p>
    </>
  );
}
