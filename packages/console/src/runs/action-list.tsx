import { A, useAddress } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { Said } from "../parts/machine.tsx";
import { State } from "../parts/state.tsx";
import { useTitle } from "../parts/title.ts";
import { ActionPeek } from "./action-peek.tsx";
import { type Column, utc } from "./export-rows.ts";
import { Id, Tail } from "./id.tsx";
import { ListPage } from "./list-page.tsx";
import { readActions, type ShownAction } from "./read-actions.ts";
import { parseSearch } from "./search.ts";
import { useRows } from "./use-rows.ts";

const columns: readonly Column<ShownAction>[] = [
  { name: "action", of: ({ id }) => id },
  { name: "state", of: ({ state }) => state },
  { name: "at", of: ({ at }) => utc(at) },
  { name: "agent", of: ({ agent }) => agent },
  { name: "workflow", of: ({ workflow }) => workflow },
  { name: "tool", of: ({ tool }) => tool },
  { name: "target", of: ({ target }) => target ?? null },
  { name: "run", of: ({ run }) => run },
];

const idOf = ({ id }: ShownAction): string => id;

/** Actions, newest first, by filters and by words. */
export function ActionList() {
  const { query } = useAddress();
  useTitle("Actions");
  const q = query.get("q") ?? "";
  const search = parseSearch(q);
  const alone = (["run", "risk", "target"] as const).find((name) => search.filters[name] !== undefined);
  const trouble =
    search.trouble ??
    (search.words !== "" && alone !== undefined
      ? `Words are looked up in all that was done; leave out \`${alone}:\` or the words.`
      : undefined);
  const found = useRows(
    ["actions", "list", q, trouble ?? ""],
    (cursor, signal) => (trouble === undefined ? readActions(search, cursor, signal) : Promise.resolve({ rows: [] })),
    idOf,
  );
  return (
    <ListPage
      of="actions"
      trouble={trouble}
      found={found}
      idOf={idOf}
      to={({ id }) => `/actions/${id}`}
      columns={columns}
      row={(action) => <ActionRow action={action} />}
      peek={(id) => <ActionPeek key={id} id={id} />}
      note={
        search.words === "" || trouble !== undefined ? null : (
          <p className="quiet">
            Looked up in what actions say: <Said text={search.words} />
          </p>
        )
      }
      empty={
        <p className="empty">
          {q === "" ? (
            <>
              No agent has asked for anything yet. Give one a key under <A to="/agents">Agents</A>, and each call that
              it makes stands here with its receipt.
            </>
          ) : (
            <>
              No action fits. <A to="/runs?of=actions">Show all actions</A>, or paste what you have into the search
              above: it reads addresses, tickets, commits and ids.
            </>
          )}
        </p>
      }
    />
  );
}

function ActionRow({ action }: { readonly action: ShownAction }) {
  return (
    <>
      <span className="first">
        <span className="one">
          <State of={action.state ?? "received"} /> <Said text={action.tool ?? "no tool"} />
        </span>
        <Ago at={action.at} />
      </span>
      <span className="second">
        {action.agent ?? "nobody known"} in {action.workflow ?? "no workflow"}
        {action.target === undefined ? null : (
          <>
            {" · "}
            <Tail text={action.target} />
          </>
        )}{" "}
        · <Id of={action.id} />
      </span>
    </>
  );
}
