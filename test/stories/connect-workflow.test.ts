import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { read } from "../../packages/countersign/src/workspace/index.ts";
import { type ConnectedPlane, openConnectedPlane, workflow } from "../support/connected-plane.ts";
import { ana, bo, cy, until } from "../support/plane.ts";

const clientSecret = "client-s3cret-of-tests";
let world: ConnectedPlane;
let scribe: string;
let coder: string;
beforeAll(async () => {
  world = await openConnectedPlane({
    for: "workflow",
    clientSecret,
    withRevocation: false,
    edit: {
      "workflows/repo-survey.yaml": (text) => text.replace("allow:\n", "allow:\n  - tickets.whoami\n"),
    },
  });
  scribe = await world.plane.agent("scribe");
  coder = await world.plane.agent("coder");
});
afterAll(async () => world?.close());

const connections = async () =>
  (await world.plane.call("GET", "/v1/connections", { key: await world.plane.person(cy) })).json.connections;
const saysOf = async (key: string, tool = "whoami") => {
  const { json } = await world.call(key, tool);
  return json.state === "done" ? json.result.content[0].text : (json.sentence ?? json.detail);
};

it("only who answers for the workflow, operators and admins connect it, and it has to be said which one", async () => {
  expect((await world.begin(cy)).status).toBe(403);
  const unsaid = await world.begin(ana, {});
  expect(unsaid.status).toBe(400);
  expect(unsaid.json.help).toContain("docs-upkeep, repo-survey");
  expect((await world.begin(ana, { workflow: "no-such" })).status).toBe(404);
  const unknown = await world.plane.call("POST", "/v1/upstreams/nothing/connect", {
    key: await world.plane.person(ana),
    body: {},
  });
  expect(unknown.status).toBe(404);
  const files = await world.plane.call("POST", "/v1/upstreams/files/connect", {
    key: await world.plane.person(ana),
    body: {},
  });
  expect(files.status).toBe(400);
  expect(files.json.detail).toContain("not one that people connect");
  expect(await saysOf(scribe)).toMatch(/there is no tool|not been reviewed|nobody has connected/);
});

it("every agent of the workflow uses its connection, and no other workflow's does", async () => {
  const page = await world.connect(bo, "team-account");
  expect(page.text).toContain(`for workflow ${workflow}`);
  await world.review();
  expect(await saysOf(scribe)).toBe("team-account");
  // Whether the agent acts for somebody makes no difference here.
  expect(await saysOf(await world.keyFor(cy))).toBe("team-account");
  expect(await saysOf(coder)).toContain("nobody has connected `tickets` for workflow `repo-survey` yet");
  await world.connect(ana, "survey-account", { workflow: "repo-survey" });
  expect(await saysOf(coder)).toBe("survey-account");
  expect(await saysOf(scribe)).toBe("team-account");
  expect(world.upstream.mixed).toEqual([]);
  expect((await connections()).map((one: { workflow: string }) => one.workflow)).toEqual([
    "docs-upkeep",
    "repo-survey",
  ]);
});

it("the client's secret goes to its authorization server only, in a header, and is leased for that alone", async () => {
  const basic = `Basic ${Buffer.from(`countersign-plane:${clientSecret}`).toString("base64")}`;
  expect(world.idp.asked.length).toBeGreaterThan(0);
  for (const { authorization, form } of world.idp.asked) {
    expect(authorization).toBe(basic);
    expect(JSON.stringify(form)).not.toContain(clientSecret);
    expect(form.resource).toBe(world.upstream.url);
  }
  for (const header of world.upstream.presented) expect(header).not.toContain("Basic");
});

it("where its server has no address for it, a connection is ended here and that is said", async () => {
  const one = (await connections()).find((each: { workflow: string }) => each.workflow === "repo-survey");
  const end = async (person: string) =>
    world.plane.call("POST", `/v1/connections/${one.id}/disconnect`, {
      key: await world.plane.person(person),
      body: {},
    });
  expect((await end(cy)).status).toBe(403);
  expect((await end(bo)).json.revoked).toBe("no endpoint");
  expect(await saysOf(coder)).toContain("nobody has connected");
});

/** As two people do. */
async function putInForce(files: object): Promise<void> {
  const { plane } = world;
  const key = await plane.person(ana);
  const planned = await plane.call("POST", "/v1/workspace/plan", { key, body: { files } });
  const proposed = await plane.call("POST", "/v1/workspace/apply", { key, body: { files } });
  expect(proposed.status, proposed.text).toBe(202);
  const sign = { key: await plane.person(bo), body: { digest: planned.json.plan.to } };
  const signed = await plane.call("POST", `/v1/proposals/${proposed.json.proposal}/sign`, sign);
  expect(signed.status, signed.text).toBe(200);
}

it("a tools file that names another address gets no token that was given for the first", async () => {
  const folder = await read(world.plane.folder);
  const text = readFileSync(join(world.plane.folder, "tools/tickets.yaml"), "utf8");
  const apply = (tools: string) => putInForce({ ...folder.files, "tools/tickets.yaml": tools });
  await apply(text.replace(world.upstream.url, `${world.upstream.url}/elsewhere`));
  expect(await until(async () => ((await saysOf(scribe)).includes("tools file has changed") ? true : undefined))).toBe(
    true,
  );
  expect([...world.upstream.paths]).toEqual(["/mcp"]);
  await apply(text);
  await until(async () => ((await saysOf(scribe)) === "team-account" ? true : undefined));
});

it("what somebody connected who has left the workspace is not used any more", async () => {
  const folder = await read(world.plane.folder);
  const organisation = folder.files["countersign.yaml"] ?? "";
  const without = organisation
    .replace(/ {2}- email: bo@acme\.example[\s\S]*?(?= {2}- email: cy)/, "")
    .replace("owner: bo@acme.example", "owner: ana@acme.example")
    // Somebody has to be able to be the second.
    .replace(/(- email: cy@acme\.example[\s\S]*?roles: \[)/, "$1admin, ");
  const files = Object.fromEntries(
    Object.entries({ ...folder.files, "countersign.yaml": without }).map(([path, text]) => [
      path,
      path.startsWith("workflows/") ? text.replaceAll(bo, ana).replace(`deputy: ${ana}\n`, "") : text,
    ]),
  );
  await putInForce(files);
  const said = await until(async () => {
    const text = await saysOf(scribe);
    return text.includes("has left the workspace") ? text : undefined;
  });
  expect(said).toContain("needs connecting again");
});
