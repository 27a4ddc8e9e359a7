import type { Unknown, UnknownView } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { Said } from "../parts/machine.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { Facts, Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { ask, plane } from "../plane.ts";
import { question } from "./question.ts";

/** The question, what is known, and both answers. */
export function UnknownDetail({
  id,
  line,
  isKnown,
}: {
  readonly id: string;
  readonly line: Unknown | undefined;
  readonly isKnown: boolean;
}) {
  const known = useQuery({
    queryKey: ["unknowns", id],
    queryFn: () => ask<UnknownView>(`/v1/unknowns/${encodeURIComponent(id)}`),
    enabled: line !== undefined,
  });
  if (line === undefined)
    return isKnown ? (
      <p>
        Nobody has to say any more what became of it: <A to={`/actions/${id}`}>look at how it ended</A>.
      </p>
    ) : null;
  const trouble = known.error === null ? null : <Trouble of={known.error} again={() => void known.refetch()} />;
  if (known.data === undefined) return trouble;
  const { look, notYours } = known.data;
  return (
    <article>
      {trouble}
      <h2>
        <Told text={question(line)} />
      </h2>
      <p>
        <Told text={sentence(known.data.sentence)} />
      </p>
      <Facts
        of={[
          ["Agent", `${line.agent} in ${line.workflow}`],
          ["Target", <Said key="target" text={line.target} />],
          ["Environment", line.environment],
          ["Sent", <Ago key="sent" at={line.openedAt} />],
          ["The plane looked", <Told key="look" text={sentence(look.sentence)} />],
          ...(look.nextAt === null ? [] : [["It looks again", <Ago key="next" at={look.nextAt} />] as const]),
        ]}
      />
      <p>
        <A to={`/actions/${id}`}>What was sent, to the last byte</A>
      </p>
      {notYours === null ? (
        <div className="deeds">
          <Settle id={id} happened={true} />
          <Settle id={id} happened={false} />
        </div>
      ) : (
        <p className="claim">
          You cannot answer this: <Told text={notYours} />.
        </p>
      )}
    </article>
  );
}

function Settle({ id, happened }: { readonly id: string; readonly happened: boolean }) {
  const words = happened ? "It happened" : "It did not happen";
  return (
    <ReasonDialog
      of={id}
      words={words}
      title={words}
      label="How you know: what you looked at, and what was there"
      act={(evidence) => plane().unknowns.settle(id, { happened, evidence })}
    >
      <p>
        {happened
          ? "It is recorded as done, under your name, with what you write here. It can then be reversed where it has a plan."
          : "It is recorded as failed: nothing happened. The agent may then ask for it again, and it may be sent once more."}
      </p>
    </ReasonDialog>
  );
}
