import type { ToolLine } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A, useAddress } from "../address.tsx";
import { Said } from "../parts/machine.tsx";
import { Empty, Pair, Rows } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { useTitle } from "../parts/title.ts";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { ReviewDetail, reviewAddress } from "./review-detail.tsx";
import { ToolDetail } from "./tool-detail.tsx";

const columns: readonly Column<ToolLine>[] = [
  { name: "tool", of: ({ id }) => id },
  { name: "verbs", of: ({ verbs }) => verbs.join(" ") },
  { name: "environment", of: ({ environment }) => environment },
  { name: "undone by", of: ({ reversal }) => reversal },
  { name: "reviewed", of: ({ reviewed }) => reviewed },
  { name: "workflows", of: ({ workflows }) => workflows.join(" ") },
  { name: "digest", of: ({ digest }) => digest },
];

/** Every tool as people reviewed it; definitions that wait for a review come first. */
export default function Tools() {
  const { parts, query, put } = useAddress();
  const [, id, review] = parts;
  const filter = query.get("q") ?? "";
  useTitle(id ?? "Tools");
  const found = useQuery({ queryKey: ["plane", "tools"], queryFn: () => plane().rules.tools() });
  const reviews = useQuery({ queryKey: ["plane", "reviews"], queryFn: () => plane().rules.reviews() });
  const all = (found.data?.tools ?? []).toSorted((one, other) => Number(isMethod(one)) - Number(isMethod(other)));
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = all.filter((tool) => words.every((word) => textOf(tool).includes(word)));
  const waiting = reviews.data ?? [];
  const search = filter === "" ? "" : `?q=${encodeURIComponent(filter)}`;
  const faults =
    found.data?.servers.flatMap(({ server, faults: own }) => own.map((detail) => ({ server, detail }))) ?? [];
  const away = found.data?.servers.filter(({ listed }) => !listed) ?? [];
  const list = (
    <>
      {found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />}
      {reviews.error === null ? null : <Trouble of={reviews.error} />}
      {waiting.length === 0 ? null : (
        <>
          <h2>Wait for a review</h2>
          <Rows
            label="definitions that wait"
            items={waiting}
            to={(one) => reviewAddress(one)}
            current={review === undefined ? undefined : `/tools/${encodeURIComponent(id ?? "")}/${review}`}
            first={(one) => (
              <>
                <strong>
                  <Said text={`${one.server}.${one.tool}`} />
                </strong>
                <span className="held">{one.status === "new" ? "+ new" : "≠ changed"}</span>
              </>
            )}
            second={() => "not in force until somebody approves exactly this definition"}
          />
        </>
      )}
      {faults.length + away.length === 0 ? null : (
        <ul className="claim" aria-label="Faults">
          {away.map(({ server, file }) => (
            <li key={server}>
              <code>{server}</code> has not listed its tools here: look whether it starts (<code>{file}</code>). Its
              calls fail until it does.
            </li>
          ))}
          {faults.map(({ server, detail }) => (
            <li key={`${server} ${detail}`}>
              <code>{server}</code>: <Said text={detail} />
            </li>
          ))}
        </ul>
      )}
      {found.data !== undefined && all.length === 0 ? (
        <Empty>
          <p>No server is named yet, so there is no tool that an agent could call.</p>
          <p>
            Describe one in <code>tools/&lt;server&gt;.yaml</code>, <code>npx countersign apply</code>, and review what
            it lists here. <code>npx countersign tools import</code> takes an <code>mcp.json</code>.
          </p>
        </Empty>
      ) : (
        <>
          <div className="bar">
            <label className="grow">
              Narrow to
              <input
                type="search"
                value={filter}
                maxLength={200}
                placeholder="part of a name, a verb, an environment, unreviewed"
                onChange={(event) => put({ q: event.target.value })}
              />
            </label>
          </div>
          <p className="quiet" role="status">
            {shown.length === all.length ? `${all.length} tools` : `${shown.length} of ${all.length} tools`}
          </p>
          <Rows
            label="tools"
            items={shown}
            to={(tool) => `/tools/${encodeURIComponent(tool.id)}${search}`}
            current={id === undefined || review !== undefined ? undefined : `/tools/${encodeURIComponent(id)}${search}`}
            first={(tool) => (
              <>
                <Said text={tool.id} />
                <Standing tool={tool} />
              </>
            )}
            second={(tool) =>
              [tool.environment ?? "where its arguments say", undoWords[tool.reversal], ...tool.workflows].join(" · ")
            }
          />
          <Save name="tools" columns={columns} rows={shown} />
        </>
      )}
    </>
  );
  const open = all.find((tool) => tool.id === id);
  const reviewed = waiting.find((one) => one.digest === review && `${one.server}.${one.tool}` === id);
  const detail = (): React.ReactNode => {
    if (id === undefined) return undefined;
    if (review !== undefined) {
      if (reviewed !== undefined) return <ReviewDetail key={reviewed.digest} review={reviewed} />;
      if (reviews.data === undefined) return undefined;
      return (
        <p>
          This definition does not wait any more: somebody answered, or the server lists another one by now.{" "}
          <A to={`/tools/${encodeURIComponent(id)}`}>The tool as it stands</A>
        </p>
      );
    }
    if (open !== undefined) return <ToolDetail key={open.id} tool={open} />;
    return found.data === undefined ? undefined : <p>No tool of that name is known here.</p>;
  };
  return (
    <>
      <h1>Tools</h1>
      <Pair list={list} back={{ to: `/tools${search}`, words: "All tools" }} detail={detail()} />
    </>
  );
}

export const undoWords = {
  inverse: "can be undone",
  irreversible: "cannot be undone",
  none: "nothing to undo",
} as const;

/** The protocol's own methods stand after the servers' tools. */
function isMethod({ name }: Pick<ToolLine, "name">): boolean {
  return name.startsWith("mcp:");
}

/** Where its calls lie. */
export function place({ environment }: Pick<ToolLine, "environment">): string {
  return environment ?? "where its arguments say, else production";
}

/** A method of the protocol that no rule describes waits for nobody: it is refused. */
function Standing({ tool: { unproven, reviewed, name, verbs } }: { readonly tool: ToolLine }) {
  if (unproven !== null) return <span className="held">out of force</span>;
  if (reviewed) return <span className="quiet">{verbs.join(", ")}</span>;
  return isMethod({ name }) ? (
    <span className="quiet">no rule: refused</span>
  ) : (
    <span className="held">not reviewed</span>
  );
}

function textOf(tool: ToolLine): string {
  const parts = [tool.id, ...tool.verbs, place(tool), undoWords[tool.reversal], ...tool.workflows];
  return [...parts, tool.reviewed ? "reviewed" : "unreviewed"].join(" ").toLowerCase();
}
