import { ana, until } from "../support/plane.ts";
import { actOn } from "./acted.ts";
import { type NotesStage, openNotes } from "./open-notes.ts";

/** The address of a page, and what is there once it has drawn what it is about. */
export type Route = readonly [path: string, ready?: string];

/** The console over a plane in which every page has something to show, and the address of each page by its name. */
export async function openEvery(): Promise<{
  readonly stage: NotesStage;
  readonly routes: Readonly<Record<string, Route>>;
}> {
  const stage = await openNotes();
  const { plane } = stage;
  const key = await plane.person(ana);
  const acted = await actOn(stage);
  const again = await acted.open("the same again");
  await acted.call("list_directory", { path: acted.path(".") }, again);
  const held = await stage.held("held.md");
  const blocked = { server: "files", tool: "move_file", arguments: { source: "a", destination: "b" } };
  const refused = (await plane.call("POST", "/v1/actions", { key: stage.scribe, body: blocked })).json.id;
  stage.notes.lose();
  const lost = await stage.send("bo@acme.example");
  await until(async () => {
    const { json } = await plane.call("GET", `/v1/actions/${lost}`, { key });
    return json.state === "unknown" ? true : undefined;
  });
  const alert = await until(async () => (await plane.call("GET", "/v1/alerts", { key })).json.alerts[0]);
  const body = { scope: "agent", name: "coder", reason: "it reads what it should not", forMs: 3_600_000 };
  const stopped = (await plane.call("POST", "/v1/stops", { key, body })).json;
  const waiver = { agent: "scribe", workflow: "docs-upkeep", tier: 3, days: 7, reason: "the pages move" };
  await plane.call("POST", "/v1/waivers", { key, body: waiver });
  stage.notes.describe("Sends a note to any person, and a copy of it to the address that the text names.");
  const review = await stage.waiting();
  const { policies } = (await plane.call("GET", "/v1/policies", { key })).json;
  const policy = policies.find((one: { source: string }) => one.source === "workflow").id;
  const routes: Record<string, Route> = {
    first: ["/", "ul.rows a.row"],
    inbox: ["/inbox", "ul.rows a.row"],
    request: [`/inbox/${held}`, "article h2"],
    batches: ["/inbox/batches"],
    grants: ["/inbox/grants"],
    glass: ["/inbox/glass"],
    answers: ["/inbox/answers"],
    load: ["/inbox/load"],
    report: ["/inbox/report", ".plot canvas"],
    runs: ["/runs", "ul.walk a.row"],
    actions: [`/runs?of=actions&peek=${acted.written}`, ".detail dl"],
    misspelled: ["/runs?q=agnt:x", "[role=alert]"],
    run: [`/runs/${acted.run}`, ".timeline li"],
    compare: [`/runs/${acted.run}?with=${again}`, "table.compare tbody tr"],
    receipt: [`/actions/${acted.written}`, ".verdict .stamp"],
    "refused-receipt": [`/actions/${acted.refused}`, ".conditions .chain"],
    "held-receipt": [`/actions/${held}`, ".deeds"],
    "no-receipt": ["/actions"],
    find: ["/find", ".empty"],
    found: ["/find?q=scribe", "ul.rows a.row"],
    "nothing-found": ["/find?q=zzz-nothing-says-this", ".empty"],
    ledger: ["/ledger", "main [role=status]:not(.outcome)"],
    stops: ["/stops"],
    stop: [`/stops/${stopped.stop.id}`, "article"],
    unknowns: ["/unknowns"],
    unknown: [`/unknowns/${lost}`, "article"],
    alerts: ["/alerts"],
    alert: [`/alerts/${alert.id}`, "article"],
    agents: ["/agents"],
    agent: ["/agents/scribe", "article"],
    workflows: ["/workflows"],
    workflow: ["/workflows/docs-upkeep"],
    prose: ["/workflows?view=draft"],
    tools: ["/tools"],
    tool: ["/tools/files.write_file"],
    review: [`/tools/notes.send_note/${review.digest}`],
    policies: ["/policies"],
    policy: [`/policies/${encodeURIComponent(policy)}`],
    signatures: ["/policies?view=signatures"],
    "who-can": ["/policies?view=who-can&agent=scribe&environment=sandbox", "tr[data-answer]"],
    draft: [`/policies?view=draft&file=workflows/docs-upkeep.yaml&action=${refused}`, "#draft-text"],
    findings: ["/policies?view=findings"],
    history: ["/policies?view=history"],
    "near-misses": ["/policies?view=near-misses"],
    workbench: ["/workbench"],
    "workbench-of-one": [`/workbench/${acted.written}`, "section[aria-label='The case']"],
    people: ["/people"],
    person: ["/people/ana%40acme.example"],
    evals: ["/evals"],
    outcomes: ["/outcomes"],
    notices: ["/notices"],
  };
  return { stage, routes };
}
