import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { quorumBugs } from "./quorum-bugs.ts";
import { exploreQuorums } from "./quorum-model.ts";

describe("in every small world of approvals", () => {
  it("approvers are others than the requester, and one policy's quorum never serves another's", async () => {
    const { worlds, allowed, violations } = await exploreQuorums();
    expect(violations).toEqual([]);
    expect(worlds).toBeGreaterThan(10_000);
    expect(allowed).toBeGreaterThan(10);
  }, 300_000);

  it("each bug that is planted in how approvals are counted shows", async () => {
    const queue = quorumBugs.map(({ name }) => name);
    const missed: string[] = [];
    const work = async (): Promise<void> => {
      for (let name = queue.shift(); name !== undefined; name = queue.shift())
        if (!(await shows(name))) missed.push(name);
    };
    await Promise.all([work(), work()]);
    expect(missed).toEqual([]);
  }, 600_000);
});

/** Whether exploring ends with a violation with the bug planted; any other end proves nothing. */
function shows(bug: string): Promise<boolean> {
  const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, ["--import", file("../faults/plant.ts"), file("quorum-main.ts")], {
    env: { ...process.env, FAULTS_BUG: bug },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  return new Promise((resolve) =>
    child.on("close", (code) => resolve(code === 1 && / [1-9]\d* violations$/mu.test(told))),
  );
}
