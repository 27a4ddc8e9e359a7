import { useAddress } from "../address.tsx";
import { ActionList } from "./action-list.tsx";
import { Compare } from "./compare.tsx";
import { RunList } from "./run-list.tsx";
import { RunPage } from "./run-page.tsx";

/** `/runs` lists runs or actions; `/runs/ID` is one run, with `?with=OTHER` beside another. */
export default function Runs() {
  const { parts, query } = useAddress();
  const [, id] = parts;
  const other = query.get("with");
  if (id === undefined) return query.get("of") === "actions" ? <ActionList /> : <RunList />;
  return other === null ? <RunPage key={id} id={id} /> : <Compare key={`${id} ${other}`} left={id} right={other} />;
}
