import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, bo, cy, openTestPlane, type TestPlane, until } from "../support/plane.ts";

let plane: TestPlane;
let key: string;
let cli: TestCli;
beforeAll(async () => {
  plane = await openTestPlane();
  key = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  cli = openTestCli({ COUNTERSIGN_URL: plane.url });
});
afterAll(async () => {
  cli?.close();
  await plane?.close();
});

const as = async (email: string, ...args: string[]) =>
  cli.run(args, { env: { COUNTERSIGN_KEY: await plane.person(email) } });
const read = async (): Promise<string> => {
  const path = join(plane.folder, "sandbox/pages/welcome.md");
  const body = { server: "files", tool: "read_text_file", arguments: { path } };
  const { id } = (await plane.call("POST", "/v1/actions", { key, body })).json;
  // A read is answered before its outcome is on record.
  await until(async () =>
    (await plane.call("GET", `/v1/actions/${id}`, { key })).json.state === "done" ? true : undefined,
  );
  return id;
};

it("MT-31 an action is erased by two people on the command line, and its receipt says so and verifies", async () => {
  const id = await read();
  const asked = await as(ana, "erase", id, "--reason", "they asked us to forget them");
  expect(asked).toMatchObject({ exit: 0, stdout: expect.stringContaining("waits for a second person") });
  const proposal = /gov_[0-9a-z]{26}/.exec(asked.stdout)?.[0] ?? "";
  expect((await as(bo, "erasures")).stdout).toContain("they asked us to forget them");
  expect((await as(ana, "erasures", "sign", proposal)).exit).toBe(4);
  expect((await as(cy, "erasures", "sign", proposal)).exit).toBe(4);
  expect(await as(bo, "erasures", "sign", proposal)).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining(`erased ${id}`),
  });
  const receipt = (await as(cy, "receipt", id)).stdout;
  expect(receipt).toMatch(
    new RegExp(`erased by ${ana} and ${bo} on \\d{4}-\\d\\d-\\d\\d because they asked us to forget them`),
  );
  expect(receipt).not.toContain("welcome.md");
  const page = await plane.call("GET", `/receipts/${id}.html`, { key: await plane.person(cy) });
  expect(page.text).toContain("because: they asked us to forget them");
  expect((await plane.call("GET", `/v1/receipts/${id}`, { key })).json.erased.because).toBe(
    "they asked us to forget them",
  );
  await until(async () => ((await plane.running.assembled.book.lag()) === 0 ? true : undefined));
  await as(ana, "receipt", id, "--bundle", "gone.json");
  const trust = await as(ana, "log", "trust");
  writeFileSync(join(cli.home, "trust.json"), trust.stdout);
  expect(await as(ana, "verify", "gone.json", "--trust", "trust.json")).toMatchObject({ exit: 0 });
});

it("MT-31 the whole log is exported by an auditor, verifies offline after an erasure, and holds nothing that was sealed", async () => {
  await until(async () => ((await plane.running.assembled.book.lag()) === 0 ? true : undefined));
  // Pinned first: what was seen must be in it.
  writeFileSync(join(cli.home, "trust.json"), (await as(cy, "log", "trust")).stdout);
  expect((await as(bo, "log", "export", "mine.log")).exit).toBe(0);
  expect(await as(cy, "log", "export", "whole.log")).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining("wrote whole.log"),
  });
  expect((await as(cy, "log", "export", "whole.log")).exit).toBe(6);
  expect((await cli.run(["log", "export", "none.log"], { env: { COUNTERSIGN_KEY: key } })).exit).toBe(4);
  expect(await as(cy, "verify", "whole.log", "--log", "--trust", "trust.json")).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/holds {2}\d+ entries in the tree/),
  });
  const text = readFileSync(join(cli.home, "whole.log"), "utf8");
  expect(text).toContain('"kind":"erased"');
  expect(text).not.toContain("welcome.md");
  writeFileSync(join(cli.home, "broken.log"), text.replace('"agent":"scribe"', '"agent":"scribf"'));
  const script = fileURLToPath(new URL("../../packages/contract/verifiers/verify.py", import.meta.url));
  const second = (file: string) =>
    spawnSync("python3", [script, "--trust", join(cli.home, "trust.json"), "--log", join(cli.home, file)]).status;
  expect([second("whole.log"), second("broken.log")]).toEqual([0, 1]);
  const broken = await as(cy, "verify", "broken.log", "--log", "--trust", "trust.json");
  expect(broken).toMatchObject({ exit: 1, stdout: expect.stringContaining("was edited") });
});

it("MT-31 a legal hold is taken, listed and ended on the command line, and blocks an erasure meanwhile", async () => {
  const id = await read();
  const taken = await as(
    cy,
    "preservation",
    "take",
    "action",
    id,
    "--reason",
    "a court asked",
    "--until",
    "2090-03-31",
  );
  expect(taken.exit).toBe(0);
  const preservation = /gov_[0-9a-z]{26}/.exec(taken.stdout)?.[0] ?? "";
  expect((await as(bo, "preservation")).stdout).toContain("a court asked");
  const refused = await as(ana, "erase", id, "--reason", "anyway");
  expect(refused).toMatchObject({ exit: 6, stderr: expect.stringContaining(preservation) });
  expect((await as(cy, "preservation", "end", preservation, "--reason", "mine")).exit).toBe(4);
  expect((await as(ana, "preservation", "end", preservation, "--reason", "it is over")).exit).toBe(0);
  expect((await as(ana, "erase", id, "--reason", "now", "--json")).json).toMatchObject({
    erased: false,
    subjects: [id],
  });
  const past = ["preservation", "take", "agent", "scribe", "--reason", "x", "--until", "2020-01-01"];
  expect((await as(ana, ...past)).exit).toBe(2);
  expect((await as(ana, "preservation", "take", "planet", "mars", "--reason", "x")).exit).toBe(2);
});
