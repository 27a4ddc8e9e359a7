import type { ReactNode } from "react";
import { A, useAddress } from "../address.tsx";
import { useTitle } from "../parts/title.ts";
import { policyViews } from "../shell/nouns.ts";
import { Draft } from "./draft.tsx";
import { Findings } from "./findings.tsx";
import { History } from "./history.tsx";
import { NearMisses } from "./near-misses.tsx";
import { PolicySet } from "./policy-set.tsx";
import { Signatures } from "./signatures.tsx";
import { WhoCan } from "./who-can.tsx";

type View = (typeof policyViews)[number];

const views: Readonly<Record<View, readonly [words: string, title: string, page: () => ReactNode]>> = {
  "in-force": ["In force", "Policies", () => <PolicySet />],
  signatures: ["Waits for a signature", "Waits for a second person", () => <Signatures />],
  "who-can": ["Who can do what", "Who can do what", () => <WhoCan />],
  draft: ["A draft", "A draft of the rules", () => <Draft />],
  findings: ["Findings", "Rules that say nothing new", () => <Findings />],
  history: ["History", "What was in force", () => <History />],
  "near-misses": ["Near misses", "Near misses", () => <NearMisses />],
};

/** The rules: those in force, those that were, and those that might be. */
export default function Policies() {
  const { parts, query } = useAddress();
  const asked = parts[1] === undefined ? (query.get("view") ?? "in-force") : "in-force";
  const view = policyViews.find((one) => one === asked) ?? "in-force";
  const [, title, page] = views[view];
  useTitle(parts[1] ?? title);
  return (
    <>
      <h1>{title}</h1>
      <nav aria-label="Policies">
        <ul className="views">
          {policyViews.map((name) => (
            <li key={name}>
              <A
                to={name === "in-force" ? "/policies" : `/policies?view=${name}`}
                aria-current={name === view ? "page" : undefined}
              >
                {views[name][0]}
              </A>
            </li>
          ))}
        </ul>
      </nav>
      {page()}
    </>
  );
}
