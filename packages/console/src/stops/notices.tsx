import type { NoticeLine } from "@countersign/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { A, useAddress } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { Said } from "../parts/machine.tsx";
import { More } from "../parts/more.tsx";
import { Empty, Pair, Rows } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { Send } from "../parts/send.tsx";
import { useTitle } from "../parts/title.ts";
import { Facts } from "../parts/told.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { usePages } from "../parts/use-pages.ts";
import { plane } from "../plane.ts";

type State = NoticeLine["state"];

const views: readonly (readonly [state: State | undefined, words: string])[] = [
  [undefined, "All"],
  ["waiting", "On their way"],
  ["sent", "Sent"],
  ["over", "Over before they were sent"],
  ["dead", "Dead letters"],
];

const looks: Readonly<Record<State, readonly [shape: string, tone: string, words: string]>> = {
  waiting: ["◔", "held", "on its way"],
  sent: ["●", "allowed", "sent"],
  over: ["○", "quiet", "over"],
  dead: ["✕", "failed", "dead letter"],
};

const columns: readonly Column<NoticeLine>[] = [
  { name: "id", of: ({ id }) => id },
  { name: "type", of: ({ type }) => type },
  { name: "about", of: ({ subject }) => subject },
  { name: "channel", of: ({ channel }) => channel },
  { name: "person", of: ({ person }) => person },
  { name: "state", of: ({ state }) => state },
  { name: "tries", of: ({ tries }) => tries },
  { name: "fault", of: ({ fault }) => fault },
  { name: "made at", of: ({ madeAt }) => madeAt },
  { name: "ended at", of: ({ endedAt }) => endedAt },
];

/** What people and their systems were told, newest first; what was given up can be sent again. */
export default function Notices() {
  const { parts, query } = useAddress();
  const id = parts[1];
  useTitle("Notices");
  const state = views.find(([one]) => one !== undefined && one === query.get("state"))?.[0];
  const filter = state === undefined ? "" : `?state=${state}`;
  const found = usePages(
    ["notices", state ?? ""],
    async (from) => {
      const page = await plane().notices.page({ ...from, ...(state === undefined ? {} : { state }) });
      return { rows: page.notices, next: page.next };
    },
    { kind: "ntc", wanted: id, oldestFirst: false, isMoving },
  );
  const { rows, open, mayCome, isGone, error, again, query: notices } = found;
  const list = (
    <>
      {error === null ? null : <Trouble of={error} again={again} />}
      {notices.data === undefined ? null : rows.length === 0 ? (
        <Empty>
          <p>{state === undefined ? "Nobody was told anything yet." : "There is none of these."}</p>
          <p>
            Who is told of what stands in <code>notifications</code> of <code>countersign.yaml</code>, and who is told
            next in <code>escalation</code> of each workflow. Nothing is sent anywhere unless a file names it.
          </p>
        </Empty>
      ) : (
        <>
          <Rows
            label="notices"
            items={rows}
            to={(notice) => `/notices/${notice.id}${filter}`}
            current={id === undefined ? undefined : `/notices/${id}${filter}`}
            first={(notice) => (
              <>
                <span>
                  <Standing of={notice.state} /> <Said text={notice.headline ?? notice.type} />
                </span>
                <Ago at={notice.madeAt} />
              </>
            )}
            second={({ channel, person, fault }) => (
              <>
                {channel}
                {person === null ? "" : ` to ${person}`}
                {fault === null ? "" : ": "}
                {fault === null ? null : <Said text={fault} />}
              </>
            )}
          />
          <More of={found} words="Older ones" these="newest" />
          <Save name="notices" columns={columns} rows={rows} />
        </>
      )}
    </>
  );
  return (
    <>
      <h1>Notices</h1>
      <nav aria-label="Views of the notices" className="bar">
        {views.map(([one, words]) => (
          <A
            key={words}
            to={one === undefined ? "/notices" : `/notices?state=${one}`}
            aria-current={one === state ? "page" : undefined}
          >
            {words}
          </A>
        ))}
      </nav>
      <Pair
        list={list}
        back={{ to: `/notices${filter}`, words: "All of these" }}
        detail={
          open !== undefined ? (
            <Detail key={open.id} notice={open} />
          ) : mayCome ? (
            <p className="quiet">Looking through …</p>
          ) : isGone ? (
            <p>It is not among these: it became something else since, or is kept no longer.</p>
          ) : undefined
        }
      />
    </>
  );
}

const soonMs = 10_000;

function isMoving({ state, dueAt }: NoticeLine): boolean {
  return state === "waiting" && dueAt !== null && Date.parse(dueAt) < Date.now() + soonMs;
}

function Standing({ of }: { readonly of: State }) {
  const [shape, tone, words] = looks[of];
  return (
    <span className={`state ${tone}`}>
      <span aria-hidden="true">{shape}</span> {words}
    </span>
  );
}

function Detail({ notice }: { readonly notice: NoticeLine }) {
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: () => plane().notices.replay(notice.id),
    onSuccess: () => void queries.invalidateQueries(),
  });
  const { id, headline, type, subject, workflow, channel, person, state, tries, fault, madeAt, dueAt, endedAt } =
    notice;
  const about = pageOf(type, subject);
  return (
    <article>
      <h2>{headline === null ? "What it said was erased" : <Said text={headline} />}</h2>
      <Facts
        of={[
          ["It is", <Standing key="state" of={state} />],
          ["By", person === null ? channel : `${channel}, to ${person}`],
          [
            "About",
            about === undefined ? (
              <code key="about">{subject}</code>
            ) : (
              <A key="about" to={about}>
                {subject}
              </A>
            ),
          ],
          ["Kind", <code key="type">{type}</code>],
          ...(workflow === null ? [] : [["Workflow", workflow] as const]),
          ["Made", <Ago key="made" at={madeAt} />],
          ["Tries", String(tries)],
          ...(fault === null ? [] : [["Why not", <Said key="fault" text={fault} />] as const]),
          ...(dueAt === null ? [] : [["Tried again", <Ago key="due" at={dueAt} />] as const]),
          ...(endedAt === null ? [] : [["Ended", <Ago key="ended" at={endedAt} />] as const]),
          ["Id", <code key="id">{id}</code>],
        ]}
      />
      {state === "dead" ? (
        <div className="deeds">
          <Send type="button" isSending={again.isPending} onClick={() => again.mutate()}>
            {again.isPending ? "…" : "Send it again"}
          </Send>
          <span className="quiet">Under the id that it has always had; who does it is on record.</span>
        </div>
      ) : null}
      {again.error === null ? null : <Trouble of={again.error} />}
    </article>
  );
}

/** Where what it is about has a page. */
function pageOf(type: string, subject: string): string | undefined {
  if (type === "alert.raised") return `/alerts/${subject}`;
  if (type.startsWith("stop.")) return `/stops/${subject}`;
  return type === "action.unknown" ? `/unknowns/${subject}` : `/actions/${subject}`;
}
