import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { bar } from "./progress-bar.ts";
import { Shell } from "./shell.ts";

const never = () => Promise.reject(new Error("no command runs here"));

function shellOn(isTTY: boolean): { shell: Shell; said: () => string } {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), Object.assign(new PassThrough(), { isTTY })];
  const terminal = { argv: [], env: {}, cwd: "/", stdin, stdout, stderr, serve: never, backup: never, restore: never };
  return { shell: new Shell(terminal), said: () => String(stderr.read() ?? "") };
}

it("fills up on a terminal, one line, and is gone at the end", () => {
  const { shell, said } = shellOn(true);
  const { show, end } = bar(shell, "backup");
  for (let done = 0; done <= 1000; done++) show(done, 1000);
  end();
  const text = said();
  expect(text.split("\r").filter((one) => one.includes("%"))).toHaveLength(101);
  expect(text).toContain(`backup [${"#".repeat(30)}] 100 %`);
  expect(text.split("\r").at(-2)?.trim()).toBe("");
  expect(text).not.toContain("\n");
});

it("says nothing where nobody watches, and with --json", () => {
  const away = shellOn(false);
  bar(away.shell, "backup").show(1, 2);
  expect(away.said()).toBe("");
  const asJson = shellOn(true);
  asJson.shell.asJson = true;
  const { show, end } = bar(asJson.shell, "restore");
  show(1, 2);
  end();
  expect(asJson.said()).toBe("");
});
