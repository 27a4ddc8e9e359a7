import type { ToolLine } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { Raw, Said, Short } from "../parts/machine.tsx";
import { Facts, Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { listOf } from "../runs/search.ts";
import { place } from "./tools.tsx";

/** A tool: what calls of it are, how they are undone, and what its server says of it. */
export function ToolDetail({ tool }: { readonly tool: ToolLine }) {
  const { id, description, verbs, reversal, undo, reviewed, digest, unproven, workflows } = tool;
  const said = useQuery({ queryKey: ["plane", "tool", id, digest], queryFn: () => plane().rules.tool(id) });
  return (
    <article>
      <h2>
        <Said text={id} />
      </h2>
      {unproven === null ? null : (
        <p className="claim">
          Out of force: <Told text={unproven} />.
        </p>
      )}
      {reviewed ? null : (
        <p className="claim">
          {tool.name.startsWith("mcp:")
            ? "A method of the protocol itself. No rule in the server's file says what it is, so it is refused."
            : "Nobody reviewed this definition, so nothing may call it. Where it waits for a review, it stands at the top of the list."}
        </p>
      )}
      <Facts
        of={[
          ["A call", verbs.join(" or ")],
          ["Lies in", place(tool)],
          [
            reversal === "inverse" ? "Undone by" : reversal === "irreversible" ? "Cannot be undone" : "Nothing to undo",
            <Told key="undo" text={sentence(undo)} />,
          ],
          ["Reviewed", reviewed ? "yes, exactly this definition" : "no"],
          ["Digest", <Short key="digest" of={digest} length={16} />],
          [
            "Used by",
            workflows.length === 0
              ? "no workflow"
              : workflows.map((name, at) => (
                  <span key={name}>
                    {at === 0 ? "" : ", "}
                    <A to={`/workflows/${encodeURIComponent(name)}`}>{name}</A>
                  </span>
                )),
          ],
        ]}
      />
      <p>
        <A to={listOf("actions", { tool: id })}>Its last calls</A> ·{" "}
        <A to={`/policies?view=who-can&tool=${encodeURIComponent(id)}`}>Who may call it</A>
      </p>
      {description === null ? null : (
        <>
          <h3>What its server says of it: a claim</h3>
          <p className="claim words">
            <Said text={description} />
          </p>
        </>
      )}
      {said.error === null ? null : <Trouble of={said.error} />}
      {said.data === undefined ? null : (
        <details>
          <summary>The whole definition</summary>
          <Raw value={said.data.definition} label={`Definition of ${id}`} />
        </details>
      )}
    </article>
  );
}
