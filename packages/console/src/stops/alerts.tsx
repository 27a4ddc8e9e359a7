import type { Alert } from "@countersign/client";
import { A, useAddress } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { More } from "../parts/more.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { Empty, Pair, Rows } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { useTitle } from "../parts/title.ts";
import { Facts, Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { usePages } from "../parts/use-pages.ts";
import { plane } from "../plane.ts";
import { readsNotices, usePerson } from "../session.tsx";
import { adviceFor } from "./advice.ts";

const columns: readonly Column<Alert>[] = [
  { name: "id", of: ({ id }) => id },
  { name: "kind", of: ({ kind }) => kind },
  { name: "subject", of: ({ subject }) => subject },
  { name: "sentence", of: (alert) => alert.sentence },
  { name: "raised at", of: ({ raisedAt }) => raisedAt },
];

/** What somebody has to look at, oldest first, with what to do about it. */
export default function Alerts() {
  const { parts } = useAddress();
  const person = usePerson();
  const id = parts[1];
  useTitle("Alerts");
  const found = usePages(
    ["alerts"],
    async (from) => {
      const page = await plane().alerts.page(from);
      return { rows: page.alerts, next: page.next };
    },
    { kind: "gov", wanted: id, oldestFirst: true },
  );
  const { rows: all, open, mayCome, isGone, error, again, query: alerts } = found;
  const list = (
    <>
      {error === null ? null : <Trouble of={error} again={again} />}
      {alerts.data !== undefined && all.length === 0 ? (
        <Empty>
          <p>Nothing needs a look.</p>
          <p>
            Unknowns, a ledger that stands still, an anchor that does not answer, waivers and legal holds that end soon,
            budgets near their end and agents whose owner left are told of here.
          </p>
        </Empty>
      ) : (
        <>
          <Rows
            label="alerts"
            items={all}
            to={(alert) => `/alerts/${alert.id}`}
            current={id === undefined ? undefined : `/alerts/${id}`}
            first={(alert) => (
              <>
                <strong>{adviceFor(alert.kind).what}</strong>
                <Ago at={alert.raisedAt} />
              </>
            )}
            second={(alert) => <Told text={sentence(alert.sentence)} />}
          />
          <More of={found} words="Newer ones" these="oldest" />
          <Save name="alerts" columns={columns} rows={all} />
        </>
      )}
    </>
  );
  return (
    <>
      <h1>Alerts</h1>
      {readsNotices(person) ? (
        <p className="quiet">
          Who is told of them, and what did not arrive: <A to="/notices">notices</A>.
        </p>
      ) : null}
      <Pair
        list={list}
        back={{ to: "/alerts", words: "All alerts" }}
        detail={
          open !== undefined ? (
            <Detail key={open.id} alert={open} />
          ) : mayCome ? (
            <p className="quiet">Looking through …</p>
          ) : isGone ? (
            <p>This alert is not open any more: its cause is gone, or somebody settled it.</p>
          ) : undefined
        }
      />
    </>
  );
}

/** These end by an answer of their own, and nobody puts them away without it. */
const endsElsewhere = new Set(["unknown", "break-glass", "glass-overdue"]);

function Detail({ alert }: { readonly alert: Alert }) {
  const { what, remedy, to, byItself } = adviceFor(alert.kind);
  return (
    <article>
      <h2>{what}</h2>
      <p>
        <Told text={sentence(alert.sentence)} />
      </p>
      <Facts
        of={[
          ["What to do", <Told key="remedy" text={remedy} />],
          ["Since", <Ago key="since" at={alert.raisedAt} />],
          ["It ends", byItself ? "by itself, when its cause does" : "when somebody settles it"],
        ]}
      />
      <div className="deeds">
        {to === undefined ? null : (
          <A to={to(alert.subject)} className="button">
            Go there
          </A>
        )}
        {endsElsewhere.has(alert.kind) ? null : (
          <ReasonDialog
            of={alert.id}
            words="Settle it"
            title="Settle this alert"
            label="What you did about it, or why nothing has to be done"
            act={(reason) => plane().alerts.settle(alert.id, reason)}
          >
            <p>
              It goes from everybody's list, and what you write is kept in the ledger under your name.
              {byItself ? " It may come back while its cause is there." : ""}
            </p>
          </ReasonDialog>
        )}
      </div>
    </article>
  );
}
