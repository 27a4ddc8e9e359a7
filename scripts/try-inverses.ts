/**
 * Runs the inverses of a pack: the real server, installed in FOLDER as its recorded listing says, against a stand-in
 * for its service on this machine. `node scripts/try-inverses.ts --server gitlab --in FOLDER`
 */
import { parseArgs } from "node:util";
import type { JsonObject } from "@countersign/contract";
import { buildCatalog } from "../packages/countersign/src/catalog/catalog.ts";
import { unknownReversal } from "../packages/countersign/src/catalog/classify.ts";
import { loadPacks } from "../packages/countersign/src/catalog/load-packs.ts";
import { captureCall, planReversal } from "../packages/countersign/src/catalog/plan-reversal.ts";
import { toolsFileSchema } from "../packages/countersign/src/catalog/tools-file.ts";
import { type Service, serve } from "../test/packs/stand-in.ts";
import { github } from "../test/packs/stand-in-github.ts";
import { gitlab } from "../test/packs/stand-in-gitlab.ts";
import { kubernetes } from "../test/packs/stand-in-kubernetes.ts";
import { launchdarkly } from "../test/packs/stand-in-launchdarkly.ts";
import { packServers, type Started, startPackServer } from "./pack-servers.ts";
import { packsOfRecorded, readListing } from "./recorded-listings.ts";

const repo = { owner: "acme", repo: "web" };
const project = { project_id: "acme/web" };
const mr = { ...project, merge_request_iid: "3" };
const request = (members: JsonObject) => ({ request: { projectKey: "web", ...members } });

type Deed = readonly [tool: string, args: JsonObject];

/** In this order: a later one may need what an earlier one left. */
const tried: Readonly<Record<string, { readonly service: () => Service; readonly deeds: readonly Deed[] }>> = {
  github: {
    service: github,
    deeds: [
      ["issue_write", { ...repo, method: "update", issue_number: 4, state: "closed" }],
      ["update_pull_request", { ...repo, pullNumber: 3, state: "closed" }],
      ["label_write", { ...repo, method: "create", name: "bug", color: "00ff00" }],
      ["label_write", { ...repo, method: "update", name: "old", color: "00ff00" }],
      ["sub_issue_write", { ...repo, method: "add", issue_number: 4, sub_issue_id: 9 }],
      ["pull_request_review_write", { ...repo, method: "create", pullNumber: 3, body: "looks good" }],
    ],
  },
  gitlab: {
    service: gitlab,
    deeds: [
      ["create_branch", { ...project, branch: "b", ref: "main" }],
      ["create_tag", { ...project, tag_name: "v1", ref: "main" }],
      ["create_label", { ...project, name: "bug", color: "#00ff00" }],
      ["update_label", { ...project, label_id: "old", color: "#00ff00", description: "new" }],
      ["protect_branch", { ...project, branch_name: "main" }],
      ["approve_merge_request", mr],
      ["update_default_branch", { ...project, default_branch: "b" }],
      ["update_merge_request", { ...mr, state_event: "close" }],
      ["update_issue", { ...project, issue_iid: "4", state_event: "close" }],
      ["resolve_merge_request_thread", { ...mr, discussion_id: "d1", resolved: true }],
      ["update_merge_request_note", { ...mr, note_id: "12", body: "new" }],
      ["update_draft_note", { ...mr, draft_note_id: "13", body: "new" }],
      ["update_wiki_page", { ...project, slug: "home", content: "new" }],
      ["update_group_wiki_page", { group_id: "acme", slug: "home", content: "new" }],
    ],
  },
  kubernetes: {
    service: kubernetes,
    deeds: [
      ["resources_scale", { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "web", scale: 5 }],
      ["resources_scale", { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "web", scale: 0 }],
    ],
  },
  launchdarkly: {
    service: launchdarkly,
    deeds: [
      ["create-feature-flag", request({ FeatureFlagBody: { name: "F", key: "f" } })],
      ["create-ai-config", request({ AIConfigPost: { key: "k", name: "K" } })],
      ["create-ai-config-variation", request({ configKey: "c", AIConfigVariationPost: { key: "v", name: "V" } })],
      ["update-ai-config", request({ configKey: "c", AIConfigPatch: { name: "m", tags: [] } })],
    ],
  },
};

async function call(running: Started, tool: string, args: JsonObject): Promise<JsonObject> {
  try {
    return JSON.parse(JSON.stringify(await running.client.callTool({ name: tool, arguments: { ...args } })));
  } catch (fault) {
    return { isError: true, content: [{ type: "text", text: String(fault) }] };
  }
}

/** One line for each deed; the ones that begin with `no` did not come back. */
export async function tryInverses(name: string, folder: string): Promise<readonly string[]> {
  const [plan, server] = [tried[name], packServers[name]];
  if (plan === undefined || server === undefined) return [`no: one of ${Object.keys(tried).join(", ")}`];
  const service = plan.service();
  const api = await serve(service);
  const running = await startPackServer({ ...server, ...server.at?.(api.url) }, folder);
  const environments = [{ name: "sandbox", production: false }];
  const names = { "acme/web": "sandbox", acme: "sandbox", web: "sandbox", shop: "sandbox" };
  const file = toolsFileSchema.parse({
    server: name,
    transport: { kind: "package", package: "x" },
    pack: `${name}@1`,
    names,
  });
  const listings = new Map([[name, await readListing(name)]]);
  const definitions = new Map([...listings].map(([server, { tools }]) => [server, tools]));
  const catalog = buildCatalog({
    files: [file],
    packs: packsOfRecorded(await loadPacks(), listings),
    pins: [],
    definitions,
    environments,
    workspace: "/",
  });
  const lines: string[] = [];
  try {
    for (const [tool, args] of plan.deeds) {
      const rule = catalog.tool(name, tool)?.classify(args).reversal ?? unknownReversal;
      const before = service.state();
      const look = captureCall(rule, args);
      const captured =
        look === undefined
          ? ({ kind: "not_asked" } as const)
          : ({ kind: "answered", result: await call(running, look.tool, look.args) } as const);
      const undo = planReversal(rule, args, captured, "");
      const done = await call(running, tool, args);
      const changed = service.state() !== before;
      // Where nothing is read before, the plan relies on an error for what is there already.
      const again = look === undefined ? await call(running, tool, args) : undefined;
      const undone =
        undo.kind === "inverse" ? await call(running, undo.tool, undo.args) : { isError: true, content: undo.reason };
      const faults = [
        ...(done.isError === true ? [`the deed: ${JSON.stringify(done.content)}`] : []),
        ...(changed ? [] : ["nothing changed"]),
        ...(again === undefined || again.isError === true ? [] : ["a second time was no error"]),
        ...(undone.isError === true ? [`the undo: ${JSON.stringify(undone.content)}`] : []),
        ...(service.state() === before ? [] : ["the state before is not there again"]),
      ];
      lines.push(faults.length === 0 ? `undone: ${tool}` : `no: ${tool}: ${faults.join("; ")}`);
    }
  } finally {
    await running.close();
    api.close();
  }
  return lines;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { server: { type: "string" }, in: { type: "string" } } });
  const lines = await tryInverses(values.server ?? "", values.in ?? process.cwd());
  console.log(lines.join("\n"));
  process.exitCode = lines.every((line) => line.startsWith("undone")) ? 0 : 1;
}
