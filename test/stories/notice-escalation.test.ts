import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestCli } from "../support/cli.ts";
import { type MailServer, openMailServer } from "../support/mail-server.ts";
import { hurried, type NoticePlane, openNoticePlane } from "../support/notice-plane.ts";
import { ana, bo, cy, until } from "../support/plane.ts";
import { Receiver } from "../support/receiver.ts";

const dee = "dee@acme.example";
const eve = "eve@acme.example";
const ops = new Receiver();
let mail: MailServer;
let plane: NoticePlane;
const today = new Date().toISOString().slice(0, 10);

beforeAll(async () => {
  await ops.open();
  mail = await openMailServer();
  plane = await openNoticePlane({
    organisation: (text) =>
      text.replace(
        "\ngroups:\n",
        `  - email: ${dee}\n    name: Dee\n    roles: [approver, dri]\n    groups: [leads]\n  - email: ${eve}\n    name: Eve\n    roles: [approver]\n\ngroups:\n`,
      ),
    workflow: (text) =>
      text
        .replace("dri: ana@acme.example", `dri: ${dee}`)
        .replace("deputy: bo@acme.example", `cover: [{ person: ${eve}, from: ${today}, to: 2099-01-01 }]`)
        .replace(
          /^escalation: .*$/m,
          `escalation: [${dee} after 1s, ${cy} after 2s, leads after 7s may answer, ${dee} after 8s may answer]`,
        ),
    notifications: [
      {
        name: "ops",
        kind: "webhook",
        url: ops.url,
        signing: "notices/ops",
        on: ["escalation"],
      },
      {
        name: "mail",
        kind: "email",
        host: "127.0.0.1",
        port: mail.port,
        tls: "none",
        from: "countersign@acme.example",
        on: ["escalation"],
      },
    ],
    secrets: { "notices/ops": `whsec_${Buffer.alloc(32, 7).toString("base64")}` },
    // What failed once is tried again for as long as anybody looks.
    instead: { patience: { firstMs: 50, longestMs: 200, tries: 10_000 } },
  });
});
afterAll(async () => {
  await plane?.close();
  await mail?.close();
  await ops.close();
});

/** In the order in which it was escalated: two that are sent at once may arrive in either. */
const told = (action: string) =>
  ops
    .of("approval.escalated")
    .filter(({ json }) => json.data.id === action)
    .toSorted((one, other) => Date.parse(one.json.timestamp) - Date.parse(other.json.timestamp))
    .map(({ json }) => json.data);
/** It is not theirs to answer: they are not shown it as theirs, and an answer is refused. */
const expectRefused = async (email: string, action: string): Promise<void> => {
  const { json } = await plane.call("GET", `/v1/approvals/${action}`, { key: await plane.person(email) });
  expect(json.yours).toBe(false);
  expect([403, 409]).toContain(await plane.answerAs(email, action, "approve"));
};
const entries = async (action: string) => {
  const { rows } = await plane.database.owner.query<{ subject: string }>(
    "select subject from entry where kind = 'escalated' order by at",
  );
  const key = await plane.person(ana);
  const all = await Promise.all(
    rows.map(async ({ subject }) => (await plane.call("GET", `/v1/receipts/${subject}`, { key })).json),
  );
  return all.filter(({ payload }) => payload.action === action);
};

describe("a question that nobody answers", () => {
  it("MT-202 moves on along the escalation that is written down, whoever covers told instead of who is away, each step in the ledger", async () => {
    const action = await plane.hold();
    await until(async () => (told(action).length === 4 ? true : undefined), 30_000);
    expect(told(action).map(({ people, mayAnswer }) => [people, mayAnswer])).toEqual([
      [[eve], undefined],
      [[cy], undefined],
      [[ana, bo, dee], true],
      [[eve], true],
    ]);
    const steps = await entries(action);
    expect(steps).toHaveLength(4);
    expect(steps[2]).toMatchObject({
      kind: "escalated",
      person: "countersign",
      workflow: "docs-upkeep",
      payload: { step: { to: "leads", afterMs: 7000, mayAnswer: true }, people: [ana, bo, dee] },
    });
    await until(async () => (mail.delivered.length >= 6 ? true : undefined));
    expect(new Set(mail.delivered.flatMap(({ to }) => to))).toEqual(new Set([ana, bo, dee, eve, cy]));
    // It is told once: no step comes a second time.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(told(action)).toHaveLength(4);
  });

  it("may be answered by whom a step gives that right, from its time on and no sooner, and by nobody else", async () => {
    const action = await plane.hold();
    // Dee is in no group that was asked, and nothing was escalated to her yet.
    await expectRefused(dee, action);
    await until(async () => (told(action).length === 4 ? true : undefined), 30_000);
    // Cy was told, and may not answer.
    await expectRefused(cy, action);
    const { json } = await plane.call("GET", `/v1/approvals/${action}`, { key: await plane.person(dee) });
    expect(json).toMatchObject({ yours: true, standIns: [ana, bo, dee, eve] });
    expect(await plane.answerAs(dee, action, "approve")).toBe(200);
    const key = await plane.person(ana);
    const done = await until(async () => {
      const { json: view } = await plane.call("GET", `/v1/actions/${action}`, { key });
      return view.state === "done" ? view : undefined;
    });
    const receipt = await plane.call("GET", done.receipt, { key });
    expect(receipt.json.approvals.answers).toMatchObject([
      { person: dee, as: "as somebody to whom it was escalated, in place of `editors`" },
    ]);
  });

  it("does not count the answer of somebody whom the escalation in force no longer names", async () => {
    const { keeper } = plane.running.control;
    const action = await plane.hold();
    await until(async () => (told(action).length >= 3 ? true : undefined), 30_000);
    const plane_ = keeper.current();
    expect(plane_.mayStandIn?.("docs-upkeep", dee)).toBe(true);
    expect(plane_.mayStandIn?.("docs-upkeep", cy)).toBe(false);
    expect(plane_.mayStandIn?.("repo-survey", dee)).toBe(false);
    const file = keeper.loaded().files["workflows/docs-upkeep.yaml"] ?? "";
    const files = {
      ...keeper.loaded().files,
      "workflows/docs-upkeep.yaml": file.replace(/^escalation: .*$/m, `escalation: [${dee} after 1s]`),
    };
    const applied = await plane.call("POST", "/v1/workspace/apply", { key: await plane.person(ana), body: { files } });
    await plane.call("POST", `/v1/proposals/${applied.json.proposal}/sign`, {
      key: await plane.person(bo),
      body: { digest: applied.json.plan.to },
    });
    await expectRefused(dee, action);
    expect(await plane.answerAs(bo, action, "approve")).toBe(200);
  });
});

describe("MT-202 a test page", () => {
  it("MT-202 drill: reaches whom the first step names, says that it is a test, and says what failed", async () => {
    const cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: await plane.person(bo) });
    const good = await cli.run(["workflow", "test-page", "docs-upkeep", "--json"]);
    expect(good.exit).toBe(0);
    const paged = good.json;
    expect(paged).toMatchObject({
      isTest: true,
      steps: [{ to: dee, people: [eve] }],
      delivered: [
        { channel: "ops", person: null },
        { channel: "mail", person: eve },
      ],
      failed: [],
      unreached: [],
    });
    const page = ops.of("test.page").at(-1)?.json;
    expect(page.data.headline).toContain("This is a test");
    const tests = mail.delivered.filter((one) => /^TEST: /.test(one.mail.subject ?? ""));
    expect(tests.map(({ to }) => to)).toEqual([[eve]]);
    const receipt = await plane.call("GET", paged.receipt, { key: await plane.person(ana) });
    expect(receipt.json).toMatchObject({ kind: "notice", person: bo, payload: { deed: "test page" } });

    ops.answer = (_request, response) => void response.writeHead(500).end();
    const bad = await cli.run(["workflow", "test-page", "docs-upkeep"]);
    expect(bad.exit).toBe(1);
    expect(bad.stdout).toContain("delivered  mail to eve@acme.example");
    expect(bad.stdout).toContain("failed     ops: it answered with status 500; it is tried again");
    ops.answer = (_request, response) => void response.writeHead(200).end();
    cli.close();
  });

  it("is for whoever operates the plane or answers for the workflow, and needs an escalation", async () => {
    const path = "/v1/workflows/docs-upkeep/test-page";
    expect((await plane.call("POST", path, { key: await plane.person(cy), body: {} })).status).toBe(403);
    expect((await plane.call("POST", path, { key: await plane.person(dee), body: { all: true } })).status).toBe(200);
    expect(
      (await plane.call("POST", path.replace("docs-upkeep", "none"), { key: await plane.person(bo), body: {} })).status,
    ).toBe(404);
  });

  it("finds whom nothing reaches", async () => {
    const lonely = await openNoticePlane({ instead: hurried });
    const { json } = await lonely.call("POST", "/v1/workflows/docs-upkeep/test-page", {
      key: await lonely.person(bo),
      body: { all: true },
    });
    expect(json).toMatchObject({ delivered: [], failed: [], unreached: [bo, ana] });
    await lonely.close();
  });
});
