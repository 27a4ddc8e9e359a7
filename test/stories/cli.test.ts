import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, bo, openTestPlane, type TestPlane, until } from "../support/plane.ts";

let plane: TestPlane;
let key: string;
let asAna: TestCli;
let asBo: TestCli;
let stranger: TestCli;

beforeAll(async () => {
  plane = await openTestPlane();
  key = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  [asAna, asBo, stranger] = [
    openTestCli({ COUNTERSIGN_URL: plane.url }),
    openTestCli({ COUNTERSIGN_URL: plane.url }),
    openTestCli({ COUNTERSIGN_URL: plane.url }),
  ];
  for (const [cli, email] of [
    [asAna, ana],
    [asBo, bo],
  ] as const) {
    const link = (await invite(plane.running.control, "countersign", email)).shownOnce.reveal();
    const ran = await cli.run(["login", "--json"], { input: `${plane.url}/login?link=${link}\n` });
    expect(ran).toMatchObject({ exit: 0, json: { person: email, server: plane.url } });
    expect(ran.stdout + ran.stderr).not.toContain("csp_");
  }
});
afterAll(async () => {
  for (const cli of [asAna, asBo, stranger]) cli?.close();
  await plane?.close();
});

const page = (name: string): string => join(plane.folder, "sandbox", name);
const asAgent = (...args: string[]) => stranger.run(["--json", ...args], { env: { COUNTERSIGN_KEY: key } });
const read = (path: string) => asAgent("actions", "submit", "files.read_text_file", "--args", JSON.stringify({ path }));
const write = (name: string, content: string) =>
  asAgent("actions", "submit", "files.write_file", "--args", JSON.stringify({ path: page(name), content }));

describe("the way in", () => {
  it("keeps the credential where only its owner can read it, and a link works once", async () => {
    const file = join(asAna.home, "countersign", "logins.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await asAna.run(["whoami", "--json"])).json).toMatchObject({ kind: "person", email: ana, method: "cli" });
    const link = (await invite(plane.running.control, "countersign", bo)).shownOnce.reveal();
    const other = openTestCli({ COUNTERSIGN_URL: plane.url });
    expect((await other.run(["login"], { input: link })).exit).toBe(0);
    expect((await other.run(["login"], { input: link })).exit).toBe(4);
    other.close();
  });

  it("does not use a login that others can read", async () => {
    const file = join(asBo.home, "countersign", "logins.json");
    const { chmodSync } = await import("node:fs");
    chmodSync(file, 0o644);
    const ran = await asBo.run(["whoami"]);
    chmodSync(file, 0o600);
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toContain("chmod 600");
  });
});

describe("a held action, by command line alone", () => {
  it("MT-140 is shown, approved by a person, run once and told about", async () => {
    const held = await write("cli.md", "by the command line\n");
    expect(held).toMatchObject({ exit: 0, json: { state: "held" } });
    const { id, callDigest } = held.json;
    expect((await asAna.run(["approvals", "--json"])).json.approvals).toMatchObject([{ id, yours: true }]);
    const shown = await asAna.run(["approvals", "show", id]);
    expect(shown.stdout).toContain("by the command line");
    expect(shown.stdout.indexOf("how it would be undone")).toBeLessThan(shown.stdout.indexOf("the call"));
    expect(await asAna.run(["approvals", "approve", id])).toMatchObject({ exit: 2, stdout: "" });
    expect(await asAna.run(["approvals", "approve", id, "--digest", `sha256:${"0".repeat(64)}`])).toMatchObject({
      exit: 6,
    });
    const approved = await asAna.run(["approvals", "approve", id, "--digest", callDigest, "--json"]);
    expect(approved.exit).toBe(0);
    const done = await until(async () => {
      const ran = await asAna.run(["actions", "show", id, "--json"]);
      return ran.json.state === "done" ? ran.json : undefined;
    });
    expect(done.state).toBe("done");
    expect(readFileSync(page("cli.md"), "utf8")).toBe("by the command line\n");
  });

  it("MT-131 MT-132 MT-133 has a receipt that shows the policy, each check and the person", async () => {
    const { json: held } = await write("stages.md", "stages");
    await asBo.run(["approvals", "approve", held.id, "--yes", "--reason", "it is fine"]);
    await until(async () =>
      (await asAna.run(["actions", "show", held.id, "--json"])).json.state === "done" ? true : undefined,
    );
    const { json } = await asAna.run(["receipt", held.id, "--json"]);
    expect(json.policy).toMatchObject({
      effect: "allow",
      determining: [{ id: "docs-upkeep/ask/files.write_file", effect: "permit" }],
    });
    expect(
      json.checks.map((check: { name: string; verdict: string; stage: string }) => [
        check.name,
        check.verdict,
        check.stage,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ["schema", "pass", "arguments"],
        ["secrets", "pass", "arguments"],
        ["secrets", "pass", "result"],
      ]),
    );
    expect(json.approvals.answers).toMatchObject([
      { person: bo, verdict: "approve", method: "cli", reason: "it is fine" },
    ]);
    const text = (await asAna.run(["receipt", held.id])).stdout;
    const questions = text.split("\n").filter((one) => /^\d {2}/.test(one));
    expect(questions).toEqual([
      "1  What did the agent do?",
      "2  What data did it touch?",
      "3  Which policy allowed it?",
      "4  What checks ran?",
      "5  Who approved it?",
      "6  How do you reverse it?",
    ]);
    expect(text).toContain("permit     docs-upkeep/ask/files.write_file");
    expect(text).toMatch(/pass {2}schema +arguments/);
    expect(text).toContain(`${bo} approved it as a member of`);
    // Whatever of it somebody pastes leads to the same receipt.
    const pasted = await until(async () => {
      const ran = await asAna.run(["lookup", `file://${page("stages.md")}`]);
      return ran.stdout.includes(`receipt ${held.id}`) ? ran : undefined;
    });
    expect(pasted.stdout).toContain("Who approved it?");
    expect((await asAna.run(["--json", "lookup", "stages.md"])).json).toMatchObject({
      taken: "text",
      actions: [{ id: held.id, target: expect.stringContaining("stages.md") }],
      index: { behind: expect.any(Number) },
    });
    const none = await asAna.run(["lookup", "nothing", "of", "this"]);
    expect(none.exit).toBe(5);
    expect(none.stdout).toMatch(/^nothing found\n/);
  });

  it("MT-113 is explained by the rules that decided it", async () => {
    const { json } = await read(page("pages/welcome.md"));
    const { stdout, exit } = await asAna.run(["policy", "explain", json.id]);
    expect(exit).toBe(0);
    expect(stdout).toContain("permit docs-upkeep/allow/files.read_text_file");
    expect(stdout).toContain('action == Action::"files.read_text_file"');
  });
});

describe("stop, lift and reverse", () => {
  it("MT-195 a stop by command line is in force at once, and lifting it takes a second person", async () => {
    const stopped = await asBo.run(["stop", "agent", "scribe", "--reason", "a test", "--json"]);
    expect(stopped.exit).toBe(0);
    expect(stopped.json.tookMs).toBeLessThan(10_000);
    expect(await read(page("pages/welcome.md"))).toMatchObject({
      exit: 3,
      json: { state: "refused", refusal: "stopped" },
    });
    const { id } = stopped.json.stop;
    const own = await asBo.run(["lift", id, "--reason", "over"]);
    expect(own.exit).toBe(4);
    expect(own.stderr).toContain(`the second half of this belongs to another person: you (\`${bo}\`) did the first`);
    expect(await asAna.run(["lift", id, "--reason", "over"])).toMatchObject({ exit: 0 });
    expect(await read(page("pages/welcome.md"))).toMatchObject({ exit: 0, json: { state: "done" } });
  });

  it("MT-195 a stop and its lifting print their receipts, and the stop's own id leads to one too", async () => {
    const stopped = await asBo.run(["stop", "agent", "scribe", "--reason", "for its receipt"]);
    const [, id = ""] = /lift it: countersign lift (stp_\w+)/.exec(stopped.stdout) ?? [];
    const [, deed = ""] = /\ncountersign receipt (gov_\w+)\n/.exec(stopped.stdout) ?? [];
    const byDeed = await asAna.run(["receipt", deed, "--json"]);
    expect(byDeed.json).toMatchObject({ id: deed, kind: "stopped", person: bo, payload: { stop: { id } } });
    expect((await asAna.run(["receipt", id, "--json"])).json).toEqual(byDeed.json);
    const shown = (await asAna.run(["receipt", id])).stdout;
    expect(shown).toMatch(new RegExp(`^receipt ${deed} {2}stopped\n\n {3}by +${bo}\n {3}at +20`));
    expect(shown).toMatch(/\n {3}agent +scribe\n/);
    expect(shown).toMatch(/\n {3}stop\n(?: {5}.*\n)* {5}reason +for its receipt\n/);
    expect(shown).toMatch(/\n {5}taken at +20/);
    expect(shown).not.toMatch(/[{}"]|null/);
    expect((await asAna.run(["receipt", id, "--bundle", join(asAna.home, `${id}.json`)])).exit).toBe(0);
    expect(readFileSync(join(asAna.home, `${id}.json`), "utf8").length).toBeGreaterThan(200);
    // What people do to the plane is no agent's business, by whichever id.
    for (const one of [id, deed]) expect((await asAgent("receipt", one)).exit).toBe(5);
    const lifted = await asAna.run(["lift", id, "--reason", "over"]);
    const [, second = ""] = /\ncountersign receipt (gov_\w+)\n/.exec(lifted.stdout) ?? [];
    expect((await asAna.run(["receipt", second, "--json"])).json).toMatchObject({ kind: "lifted", person: ana });
    const none = await asAna.run(["receipt", `stp_${"0".repeat(26)}`]);
    expect(none).toMatchObject({ exit: 5, stdout: "" });
    expect(none.stderr).toContain("the deed which took it, a `gov_…` that `countersign stop` prints");
  });

  it("says of each stop until when it stands, and that one whose time is over is over", async () => {
    const made = await asBo.run(["stop", "tool", "files.move_file", "--reason", "short", "--for", "1s", "--json"]);
    const rowOf = async (): Promise<string> =>
      (await asAna.run(["stops"])).stdout.split("\n").find((row) => row.startsWith(made.json.stop.id)) ?? "";
    const end = new Date(made.json.stop.untilMs).toISOString().slice(0, 19).replace("T", " ");
    expect(await rowOf()).toContain(end);
    await until(async () => (/ over +short$/.test(await rowOf()) ? true : undefined));
    const standing = await asBo.run(["stop", "tool", "files.move_file", "--reason", "long", "--json"]);
    const rows = (await asAna.run(["stops"])).stdout.split("\n");
    expect(rows[0]).toMatch(/since \(UTC\) +until \(UTC\) +state +reason/);
    expect(rows.find((row) => row.startsWith(standing.json.stop.id))).toMatch(/ until lifted +in force +long$/);
    await asAna.run(["lift", standing.json.stop.id, "--reason", "over"]);
  });

  it.each([
    ["agent", "scribbe", "scribe"],
    ["workflow", "docs-upkep", "docs-upkeep"],
    ["tool", "files.write_fil", "files.write_file"],
  ])("asks whether another %s was meant, and stops nothing", async (scope, typed, meant) => {
    const ran = await asBo.run(["stop", scope, typed, "--reason", "a test"]);
    expect(ran.exit).toBe(5);
    expect(ran.stderr).toContain(`there is no ${scope} \`${typed}\` to stop (did you mean \`${meant}\`?`);
    const far = await asBo.run(["stop", scope, "zzzzzzzzzzzz", "--reason", "a test"]);
    expect([far.exit, far.stderr.includes("did you mean")]).toEqual([5, false]);
  });

  it("MT-256 an undo is asked for by one person, approved by another, and puts the file back", async () => {
    writeFileSync(page("undo.md"), "before");
    const { json: held } = await write("undo.md", "after");
    await asAna.run(["approvals", "approve", held.id, "--yes"]);
    await until(async () =>
      (await asAna.run(["actions", "show", held.id, "--json"])).json.state === "done" ? true : undefined,
    );
    const undo = await asAna.run(["reverse", held.id, "--reason", "not so", "--json"]);
    expect(undo).toMatchObject({ exit: 0, json: { state: "held", reverses: held.id } });
    // In the list and by itself it is told as an undo, who asks for it and why: the agent has said nothing.
    const listed = (await asBo.run(["approvals"])).stdout.split("\n").find((one) => one.startsWith(undo.json.id));
    expect(listed).toMatch(new RegExp(`^${undo.json.id} +yes .* undo ${held.id} `));
    const shown = (await asBo.run(["approvals", "show", undo.json.id])).stdout;
    expect(shown).toMatch(new RegExp(`^${ana} asks to undo ${held.id}\n${ana} says why: not so\n`));
    expect(shown).not.toContain("the agent says");
    const stopped = await asBo.run(["stop", "workflow", "docs-upkeep", "--reason", "to look", "--json"]);
    expect(stopped).toMatchObject({ exit: 0 });
    const frozen = (await asBo.run(["approvals"])).stdout.split("\n").find((one) => one.startsWith(undo.json.id));
    expect(frozen).toMatch(new RegExp(`^${undo.json.id} +frozen `));
    expect((await asAna.run(["lift", stopped.json.stop.id, "--reason", "over"])).exit).toBe(0);
    expect((await asAna.run(["approvals", "approve", undo.json.id, "--yes"])).exit).toBe(4);
    expect((await asBo.run(["approvals", "approve", undo.json.id, "--yes"])).exit).toBe(0);
    const reversed = await until(async () => {
      const { json } = await asAna.run(["actions", "show", held.id, "--json"]);
      return json.state === "reversed" ? json : undefined;
    });
    expect(reversed.reversedBy).toBe(undo.json.id);
    expect(readFileSync(page("undo.md"), "utf8")).toBe("before");
    const receipt = (await asBo.run(["receipt", undo.json.id])).stdout;
    expect(receipt).toMatch(new RegExp(`undoes +${held.id}, asked for by ${ana}`));
    expect(receipt).toMatch(/they say +not so/);
    expect(receipt).not.toContain("it claims");
  });
});

describe("exit codes", () => {
  const bytes = (text: string): Buffer => Buffer.from(text);

  it("0 where it is done or held, 3 where it is refused, and the reason is an answer", async () => {
    expect(await read(page("pages/welcome.md"))).toMatchObject({ exit: 0, stderr: "" });
    const refused = await asAgent(
      "actions",
      "submit",
      "files.move_file",
      "--args",
      JSON.stringify({ source: page("a"), destination: page("b") }),
    );
    expect(refused).toMatchObject({ exit: 3, stderr: "", json: { state: "refused" } });
  });

  it("1 where a receipt does not hold, offline, and 0 where it does", async () => {
    const { json } = await read(page("pages/welcome.md"));
    const [file, trust] = [join(asAna.home, `${json.id}.json`), join(asAna.home, "trust.json")];
    writeFileSync(trust, (await asAna.run(["log", "trust"])).stdout);
    await until(async () => {
      const { rmSync } = await import("node:fs");
      rmSync(file, { force: true });
      await asAna.run(["receipt", json.id, "--bundle", file]);
      const ran = await stranger.run(["verify", file, "--trust", trust]);
      return ran.exit === 0 ? ran : undefined;
    });
    expect((await asAna.run(["receipt", json.id, "--bundle", file])).exit).toBe(6);
    const broken = readFileSync(file);
    broken.writeUInt8(broken.readUInt8(200) ^ 1, 200);
    writeFileSync(join(asAna.home, "broken.json"), broken);
    const ran = await stranger.run(["verify", file, join(asAna.home, "broken.json"), "--trust", trust, "--json"], {
      env: { COUNTERSIGN_URL: "http://127.0.0.1:9" },
    });
    expect(ran).toMatchObject({ exit: 1, json: [{ ok: true, problems: [] }, { ok: false }] });
    writeFileSync(trust, "{}");
    expect((await stranger.run(["verify", file, "--trust", trust])).exit).toBe(2);
  });

  it("2 where the command line is wrong, with what was probably meant", async () => {
    const ran = await stranger.run(["actoins"]);
    expect(ran).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: "error: unknown command `actoins` (did you mean `actions`?)\n",
    });
    const asJson = await stranger.run(["actions", "submit", "files", "--json"]);
    expect(asJson).toMatchObject({ exit: 2, stdout: "" });
    expect(JSON.parse(asJson.stderr)).toMatchObject({ code: "invalid", status: 400, help: "as `server.tool`" });
    expect((await asAgent("actions", "submit", "files.read_text_file", "--args", "[1]")).exit).toBe(2);
    expect((await stranger.run(["whoami"], { env: { COUNTERSIGN_URLL: "x" } })).stderr).toContain(
      "did you mean `COUNTERSIGN_URL`?",
    );
  });

  it("4 without a login, and where a person may not", async () => {
    expect(await stranger.run(["actions"])).toMatchObject({ exit: 4, stdout: "" });
    expect(await asAgent("agent", "key", "issue", "scribe", "--environment", "sandbox")).toMatchObject({ exit: 4 });
  });

  it("5 where there is no such thing", async () => {
    expect((await asAna.run(["actions", "show", "act_01m82000000000000000000000"])).exit).toBe(5);
    expect((await asAna.run(["workflow", "show", "nothing"])).exit).toBe(5);
  });

  it("6 where it collides with what is there", async () => {
    const { json } = await read(page("pages/welcome.md"));
    expect((await asAna.run(["reverse", json.id, "--reason", "a read"])).exit).toBe(6);
    expect((await asAna.run(["init", "--workspace", plane.folder])).exit).toBe(6);
  });

  it("7 where it is too large", async () => {
    const input = bytes(JSON.stringify({ path: page("large.md"), content: "x".repeat(2_000_000) }));
    const ran = await stranger.run(["actions", "submit", "files.write_file", "--args", "-", "--json"], {
      input,
      env: { COUNTERSIGN_KEY: key },
    });
    expect(ran.exit).toBe(7);
  });

  it("70 where the server has a fault, 75 where none answers", async () => {
    const faulty = createServer((_, response) => {
      response.writeHead(500, { "content-type": "application/problem+json" });
      response.end(JSON.stringify({ type: "t", title: "t", status: 500, code: "bug", detail: "something failed" }));
    });
    await new Promise<void>((resolve) => faulty.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(faulty.address() as AddressInfo).port}`;
    expect(await stranger.run(["agent", "list", "--url", url])).toMatchObject({
      exit: 70,
      stderr: "error: something failed\n",
    });
    faulty.close();
    expect((await stranger.run(["agent", "list", "--url", "http://127.0.0.1:9"])).exit).toBe(75);
  });
});

describe("output", () => {
  const evil = "x\u001b[2J\u001b]0;owned\u0007\u009b31m\u202eemit\u2069\u200b end";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come through
  const moves = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069]/;

  it("never writes an escape of a tool's result, of a file's name or of an error to a terminal", async () => {
    writeFileSync(page("evil.md"), evil);
    const args = ["actions", "submit", "files.read_text_file", "--args", JSON.stringify({ path: page("evil.md") })];
    const plain = await stranger.run(args, { env: { COUNTERSIGN_KEY: key } });
    expect(plain.exit).toBe(0);
    expect(plain.stdout).toContain("\\u{001b}[2J");
    expect(plain.stdout).not.toMatch(moves);
    const asJson = await stranger.run([...args, "--json"], { env: { COUNTERSIGN_KEY: key } });
    expect(asJson.stdout).not.toMatch(moves);
    expect(asJson.json.result.content[0].text).toBe(evil);
    const receipt = await asAna.run(["receipt", asJson.json.id]);
    expect(receipt.stdout).not.toMatch(moves);
    const error = await stranger.run([...args.slice(0, 2), `files.${evil}`, "--claim", evil], {
      env: { COUNTERSIGN_KEY: key },
    });
    expect(error.stdout + error.stderr).not.toMatch(moves);
    expect((await stranger.run([evil])).stderr).not.toMatch(moves);
  });

  it("is one JSON document on standard output with --json, for every listing", async () => {
    const listings = [
      ["actions"],
      ["approvals"],
      ["agent", "list"],
      ["agent", "keys"],
      ["person", "list"],
      ["workflow", "list"],
      ["tools", "list"],
      ["tools", "diff"],
      ["stops"],
      ["unknowns"],
      ["alerts"],
      ["waiver"],
      ["proposal"],
      ["secret", "list"],
      ["policy", "show"],
      ["log", "checkpoint"],
      ["whoami"],
    ];
    for (const args of listings) {
      const { exit, json, stderr } = await asAna.run([...args, "--json"]);
      expect([args, exit, stderr, json === undefined]).toEqual([args, 0, "", false]);
    }
  });

  it("never shows a secret that was put, nor takes it from the command line", async () => {
    const value = "hunter2-of-this-test";
    const put = await asBo.run(["secret", "put", "demo", "--json"], { input: `${value}\n` });
    expect(put).toMatchObject({ exit: 0, json: { name: "demo", version: 1 } });
    expect(put.stdout + put.stderr).not.toContain(value);
    expect((await asBo.run(["secret", "list", "--json"])).json.secrets).toMatchObject([{ name: "demo", version: 1 }]);
    expect((await asBo.run(["secret", "put", "demo", value])).exit).toBe(2);
  });
});

describe("files", () => {
  it("plan and apply put changed files in force, and a broken one is named with its place", async () => {
    const file = join(plane.folder, "workflows", "repo-survey.yaml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("tier: 0", "tier: zero"));
    const broken = await asAna.run(["apply", "--workspace", plane.folder, "--yes"]);
    expect(broken.exit).toBe(2);
    expect(broken.stderr).toMatch(/workflows\/repo-survey\.yaml:\d+:\d+: error: /);
    writeFileSync(file, text.replace("perMinute: 30", "perMinute: 31"));
    const plan = await asAna.run(["plan", "--workspace", plane.folder, "--exit-code", "--json"]);
    expect(plan.exit).toBe(1);
    expect(plan.json.plan.changes).toMatchObject([{ mark: "~", kind: "workflow", name: "repo-survey" }]);
    expect(await asAna.run(["apply", "--workspace", plane.folder])).toMatchObject({ exit: 2, stdout: "" });
    const proposed = await asAna.run(["apply", "--workspace", plane.folder, "--yes", "--json"]);
    expect(proposed).toMatchObject({ exit: 0, json: { applied: false, inForce: false } });
    const id: string = proposed.json.proposal;
    const again = await asAna.run(["apply", "--workspace", plane.folder, "--yes"]);
    expect(again).toMatchObject({ exit: 0 });
    expect(again.stdout).toContain(`proposed, and waits for a second person: countersign proposal sign ${id}\n`);
    const waiting = await asBo.run(["plan", "--workspace", plane.folder]);
    expect(waiting.stdout).toContain(`waits for a second person: ${id} by ${ana}`);
    expect(waiting.stdout).toContain("these very files");
    expect(await asAna.run(["proposal", "sign", id, "--yes"])).toMatchObject({ exit: 4 });
    expect((await asAna.run(["proposal", "--json"])).json.proposals).toMatchObject([{ id, yours: false, by: ana }]);
    const shown = await asBo.run(["proposal", "show", id]);
    expect(shown.stdout).toContain("-   calls: { perMinute: 30");
    expect(shown.stdout).toContain("+   calls: { perMinute: 31");
    expect(await asBo.run(["proposal", "sign", id])).toMatchObject({ exit: 2, stdout: "" });
    const other = `sha256:${"0".repeat(64)}`;
    expect(await asBo.run(["proposal", "sign", id, "--digest", other])).toMatchObject({ exit: 6 });
    const { digest } = (await asBo.run(["check", "--workspace", plane.folder, "--json"])).json;
    const signed = await asBo.run(["proposal", "sign", id, "--digest", digest]);
    expect(signed.exit).toBe(0);
    expect(signed.stdout).toMatch(/^signed gov_\w+: it is in force\ncountersign receipt gov_\w+\n$/);
    expect(await asBo.run(["proposal", "sign", id, "--yes"])).toMatchObject({ exit: 6 });
    expect((await asAna.run(["plan", "--workspace", plane.folder])).stdout).toBe("nothing would change\n");
    writeFileSync(file, text);
    const { json: third } = await asAna.run(["apply", "--workspace", plane.folder, "--yes", "--json"]);
    const withdrawn = await asAna.run(["proposal", "withdraw", third.proposal, "--reason", "not now"]);
    expect(withdrawn).toMatchObject({ exit: 0 });
    expect((await asBo.run(["proposal"])).stdout).toBe("no workspace waits for a second person\n");
  });
});

describe("a noun alone", () => {
  it("lists: runs, tools and grants", async () => {
    const body = { agent: "scribe", task: "to be listed" };
    const { json: run } = await plane.call("POST", "/v1/runs", { key: await plane.person(ana), body });
    await asAgent("actions", "submit", "files.list_allowed_directories", "--run", run.id);
    const listed = await until(async () => {
      const { stdout, exit } = await asAna.run(["runs"]);
      return exit === 0 && stdout.includes(run.id) ? stdout : undefined;
    });
    expect(listed).toMatch(/^run +last \(UTC\) +agent +workflow +actions\n/);
    expect((await asAna.run(["runs", "list", "--limit", "1", "--json"])).json.runs).toHaveLength(1);
    const shown = await asAna.run(["runs", "show", run.id]);
    expect(shown.stdout).toContain(`opened by ${ana}`);
    expect(shown.stdout).toContain("task: to be listed");
    expect(shown.stdout).toContain("files.list_allowed_directories");
    const acted = await asAna.run([
      "actions",
      "list",
      "--tool",
      "files.list_allowed_directories",
      "--since",
      "2026-01-01",
    ]);
    expect(acted.stdout.trim().split("\n").slice(1)).not.toEqual([]);
    for (const line of acted.stdout.trim().split("\n").slice(1))
      expect(line).toContain("files.list_allowed_directories");
    for (const none of [
      ["--target", "no-such-page.md"],
      ["--until", "2020-01-01"],
      ["--state", "unknown"],
    ])
      expect((await asAna.run(["actions", "list", ...none])).stdout).toBe("no actions fit\n");
    expect((await asAna.run(["runs", "list", "--until", "2020-01-01"])).stdout).toBe("no runs fit\n");
    expect((await asAna.run(["actions", "list", "--risk", "huge"])).exit).toBe(2);
    expect((await asAna.run(["tools"])).stdout).toContain("files.write_file");
    const grants = await asAna.run(["grants", "--json"]);
    expect(grants.json.grants).toContainEqual({ workflow: "docs-upkeep", tool: "files.write_file", how: "asks first" });
    expect(grants.json.grants).toContainEqual({
      workflow: "docs-upkeep",
      tool: "files.read_text_file",
      how: "allowed",
    });
    expect((await asAna.run(["grants", "list", "nobodys"])).exit).toBe(5);
  });
});

describe("what does not fit", () => {
  it("says how an id looks, where one is none", async () => {
    for (const args of [
      ["receipt", "act_nope"],
      ["actions", "show", "bogus"],
      ["runs", "show", "run_nope"],
    ]) {
      const ran = await asAna.run(args);
      expect(ran.exit, args.join(" ")).toBe(2);
      expect(ran.stderr).toMatch(/^error: `id` is no id of this kind: one looks like `(act|run)_[0-9a-z]{26}`\n$/);
    }
  });

  it("says of the export of a whole log, taken for a receipt, what reads it", async () => {
    const log = join(asAna.home, "whole.log");
    const trust = join(asAna.home, "log-trust.json");
    expect((await asAna.run(["log", "export", log])).exit).toBe(0);
    writeFileSync(trust, (await asAna.run(["log", "trust"])).stdout);
    const ran = await asAna.run(["verify", log, "--trust", trust]);
    expect(ran.exit).toBe(1);
    expect(ran.stdout).toContain("it is the export of a log: --log reads it");
    expect((await asAna.run(["verify", log, "--trust", trust, "--log"])).exit).toBe(0);
    const broken = join(asAna.home, "broken.json");
    writeFileSync(broken, "{}");
    expect((await asAna.run(["verify", broken, "--trust", trust])).stdout).not.toContain("--log");
  });
});
