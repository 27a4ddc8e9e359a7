import type { Review } from "@countersign/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useArmed } from "../inbox/use-armed.ts";
import { Ago } from "../parts/ago.tsx";
import { Raw, Said, Short } from "../parts/machine.tsx";
import { Send } from "../parts/send.tsx";
import { Facts } from "../parts/told.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { definitionDifference, type WordPiece } from "./word-difference.ts";

export function reviewAddress({ server, tool, digest }: Pick<Review, "server" | "tool" | "digest">): string {
  return `/tools/${encodeURIComponent(`${server}.${tool}`)}/${digest}`;
}

/** What a server newly says of a tool, word by word against what is in force, and an answer to exactly that. */
export function ReviewDetail({ review }: { readonly review: Review }) {
  const queries = useQueryClient();
  const { server, tool, digest, was, status, definition, before, lines, seenAt } = review;
  const isArmed = useArmed(digest);
  const answer = useMutation({
    mutationFn: (said: "approve" | "reject") => plane().rules.review({ server, tool, digest, answer: said }),
    onSuccess: () => void queries.invalidateQueries(),
  });
  const difference = definition === undefined ? undefined : definitionDifference(before, definition);
  return (
    <article>
      <h2>
        <Said text={`${server}.${tool}`} /> {status === "new" ? "is new" : "says something else now"}
      </h2>
      <p>
        {status === "new"
          ? "Nobody has reviewed it, so nothing may call it. What its server says of it is a claim: agents read it, and may be led by it."
          : "What was reviewed is not what the server lists now, so nothing may call it. Words that changed are marked; agents read them, and may be led by them."}
      </p>
      <Facts
        of={[
          ["Seen", <Ago key="seen" at={seenAt} />],
          ["This definition", <Short key="digest" of={digest} length={16} />],
          ...(was === undefined ? [] : [["In force", <Short key="was" of={was} length={16} />] as const]),
        ]}
      />
      {difference === undefined ? (
        <Raw value={lines.join("\n")} label="What differs" />
      ) : (
        <>
          {difference.changed.map(({ member, pieces }) => (
            <section key={member} aria-label={member}>
              <h3>
                <Said text={member} />
              </h3>
              <Words of={pieces} label={`What changed in ${member}`} />
            </section>
          ))}
          {difference.same.length === 0 ? null : <p className="quiet">As before: {difference.same.join(", ")}.</p>}
          <details>
            <summary>The whole definition</summary>
            <Raw value={definition} label={`Definition of ${server}.${tool}`} />
          </details>
        </>
      )}
      {answer.error === null ? null : <Trouble of={answer.error} />}
      <div className="answer">
        <small>
          Your answer is about <Short of={digest} /> and no other text.
        </small>
        <div className="deeds">
          <Send type="button" disabled={!isArmed} isSending={answer.isPending} onClick={() => answer.mutate("approve")}>
            Approve this definition
          </Send>
          <Send type="button" disabled={!isArmed} isSending={answer.isPending} onClick={() => answer.mutate("reject")}>
            Reject it
          </Send>
        </div>
      </div>
    </article>
  );
}

function Words({ of, label }: { readonly of: readonly WordPiece[]; readonly label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
    <section className="raw words" aria-label={label} tabIndex={0}>
      {of.map((piece, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name
        <Word key={at} of={piece} />
      ))}
    </section>
  );
}

function Word({ of: { kind, text } }: { readonly of: WordPiece }) {
  if (kind === "same") return <Said text={text} />;
  return kind === "new" ? (
    <ins>
      <Said text={text} />
    </ins>
  ) : (
    <del>
      <Said text={text} />
    </del>
  );
}
