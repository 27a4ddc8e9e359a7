import { type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { A, useAddress } from "../address.tsx";
import { Inbox } from "../inbox/inbox.tsx";
import { useKeys } from "../keys.tsx";
import { useKeptFocus } from "../parts/keep-focus.ts";
import { later } from "../parts/later.ts";
import { useTitle } from "../parts/title.ts";
import { Guard } from "./guard.tsx";
import { KeysDialog } from "./keys-dialog.tsx";
import { mayBeBelow, type Noun, nouns } from "./nouns.ts";
import { OutcomeLine } from "./outcome-line.tsx";
import { StopDialog } from "./stop-dialog.tsx";
import { TopLine, useNow } from "./top-line.tsx";
import { You } from "./you.tsx";

const Runs = later(() => import("../runs/runs.tsx"));
const ActionPage = later(() => import("../runs/action-page.tsx"));
const Find = later(() => import("../runs/find.tsx"));
const Agents = later(() => import("../plane/agents.tsx"));
const Workflows = later(() => import("../plane/workflows.tsx"));
const Tools = later(() => import("../plane/tools.tsx"));
const Policies = later(() => import("../plane/policies.tsx"));
const People = later(() => import("../plane/people.tsx"));
const Ledger = later(() => import("../ledger/ledger.tsx"));
const Stops = later(() => import("../stops/stops.tsx"));
const Unknowns = later(() => import("../stops/unknowns.tsx"));
const Alerts = later(() => import("../stops/alerts.tsx"));
const Notices = later(() => import("../stops/notices.tsx"));
const Workbench = later(() => import("../workbench/workbench.tsx"));
const Later = later(() => import("../plane/later.tsx"));

const pages: Readonly<Record<Noun, () => ReactNode>> = {
  inbox: () => <Inbox />,
  runs: () => <Runs />,
  actions: () => <ActionPage />,
  find: () => <Find />,
  agents: () => <Agents />,
  workflows: () => <Workflows />,
  tools: () => <Tools />,
  policies: () => <Policies />,
  people: () => <People />,
  evals: () => <Later noun="evals" />,
  outcomes: () => <Later noun="outcomes" />,
  ledger: () => <Ledger />,
  stops: () => <Stops />,
  unknowns: () => <Unknowns />,
  alerts: () => <Alerts />,
  notices: () => <Notices />,
  workbench: () => <Workbench />,
};

/** The nouns of the rail, in three questions: who may, how it went, whose it is. */
const areas = [
  ["Govern access", ["inbox", "agents", "tools", "policies"]],
  ["Measure outcomes", ["runs", "evals", "outcomes", "ledger"]],
  ["Keep ownership clear", ["workflows", "people"]],
] as const;

/** The rail, the line that says what the plane does now, and the page of the address. */
export function Frame() {
  const { parts, go } = useAddress();
  const [noun = "inbox"] = parts;
  const page = useRef<HTMLElement>(null);
  const [isStopping, setStopping] = useState(false);
  const [isKeys, setKeys] = useState(false);
  const now = useNow();
  useKeptFocus();
  useKeys([
    { press: "?", does: "show every key", run: () => setKeys(true) },
    { press: "/", does: "find anything", run: () => focusOn("find") },
    { press: "s s", does: "stop something", run: () => setStopping(true) },
  ]);
  useEffect(() => {
    if (noun !== "")
      document.querySelector(".nouns [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [noun]);
  const last = useRef(noun);
  useEffect(() => {
    if (last.current === noun) return;
    last.current = noun;
    // Another page was gone to: it is read out, and Tab goes on from its beginning.
    page.current?.focus({ preventScroll: true });
  }, [noun]);
  const shown = isPage(noun, parts.slice(1)) ? pages[noun] : undefined;
  return (
    <div className="frame">
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <nav className="rail" aria-label="Console">
        <A to="/inbox" className="brand">
          Countersign
        </A>
        <div className="nouns">
          {areas.map(([area, own]) => (
            <section key={area} aria-label={area}>
              <h2>{area}</h2>
              <ul>
                {own.map((one) => (
                  <li key={one}>
                    <A to={`/${one}`} aria-current={one === noun ? "page" : undefined}>
                      {one.charAt(0).toUpperCase() + one.slice(1)}
                      {one === "inbox" && now !== undefined && now.held.count > 0 ? (
                        <span className="count"> {now.held.count}</span>
                      ) : null}
                    </A>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
        <div className="foot">
          <button type="button" className="quiet keys" onClick={() => setKeys(true)}>
            Keys
          </button>
          <button
            type="button"
            className={now !== undefined && now.stops > 0 ? "stop stopped" : "stop"}
            onClick={() => setStopping(true)}
          >
            Stop
          </button>
        </div>
      </nav>
      <header className="top">
        <TopLine now={now} />
        <search>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              const q = String(new FormData(event.currentTarget).get("q") ?? "").trim();
              if (q !== "") go(`/find?q=${encodeURIComponent(q)}`);
            }}
          >
            <label className="unseen" htmlFor="find">
              Find a receipt by anything that it names
            </label>
            <input
              id="find"
              name="q"
              type="search"
              placeholder="Paste anything: an address, an id, a text"
              maxLength={2000}
            />
          </form>
        </search>
        <You />
      </header>
      <main id="page" tabIndex={-1} ref={page}>
        <OutcomeLine />
        <Guard key={noun}>
          <Suspense fallback={null}>{shown === undefined ? <Nowhere /> : shown()}</Suspense>
        </Guard>
      </main>
      <StopDialog isOpen={isStopping} close={() => setStopping(false)} />
      <KeysDialog isOpen={isKeys} close={() => setKeys(false)} />
    </div>
  );
}

function focusOn(id: string): void {
  document.getElementById(id)?.focus();
}

/** Of the inbox every address: it says itself what it has not got. */
function isPage(noun: string, rest: readonly string[]): noun is Noun {
  const known = nouns.find((one) => one === noun);
  return known !== undefined && (known === "inbox" || mayBeBelow(known, rest.join("/")));
}

function Nowhere() {
  useTitle("Nothing here");
  return (
    <div className="empty">
      <h1>There is nothing at this address</h1>
      <p>
        The <A to="/inbox">inbox</A> and the <A to="/runs">runs</A> are, and the search above finds a receipt by
        anything that it names.
      </p>
    </div>
  );
}
