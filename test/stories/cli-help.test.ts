import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../packages/countersign/src/doors/cli/program.ts";
import { Shell } from "../../packages/countersign/src/doors/cli/shell.ts";
import { openTestCli } from "../support/cli.ts";

const unused = () => Promise.reject(new Error("no command runs here"));

function program(): Command {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  return createProgram(
    new Shell({
      argv: [],
      env: {},
      cwd: "/",
      stdin,
      stdout,
      stderr,
      serve: async () => 0,
      backup: unused,
      restore: unused,
    }),
  );
}

function helps(command: Command, path: string): readonly string[] {
  return [
    `$ ${path} --help\n\n${command.helpInformation()}`,
    ...command.commands.flatMap((one) => helps(one, `${path} ${one.name()}`)),
  ];
}

describe("help", () => {
  it("is what the golden file says, for every command", async () => {
    await expect(`${helps(program(), "countersign").join("\n")}`).toMatchFileSnapshot("cli-help.txt");
  });

  it("describes every command and every option", () => {
    const nameless: string[] = [];
    const look = (command: Command): void => {
      if (command.description() === "") nameless.push(command.name());
      command.commands.forEach(look);
    };
    look(program());
    expect(nameless).toEqual([]);
  });

  it("is printed by the process, with the table of exit codes", async () => {
    const cli = openTestCli();
    const ran = await cli.run(["--help"]);
    expect(ran).toMatchObject({ exit: 0, stderr: "" });
    expect(ran.stdout).toContain("Exit codes: 0 done or held, 1 checked and does not hold");
    expect((await cli.run([])).stdout).toBe(ran.stdout);
    cli.close();
  });
});

describe("completion", () => {
  it("completes nouns, verbs and options in a real bash", async () => {
    const cli = openTestCli();
    const file = join(cli.home, "completion.bash");
    writeFileSync(file, (await cli.run(["completion", "bash"])).stdout);
    const complete = (...words: readonly string[]): readonly string[] => {
      const script = `source ${file}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _countersign; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync("bash", ["-c", script], { encoding: "utf8" }).trim().split("\n");
    };
    expect(complete("countersign", "appr")).toEqual(["approvals"]);
    expect(complete("countersign", "agent", "key", "r")).toEqual(["rotate", "revoke"]);
    expect(complete("countersign", "verify", "--tr")).toEqual(["--trust"]);
    for (const shell of ["zsh", "fish"]) expect((await cli.run(["completion", shell])).stdout).toContain("approvals");
    expect((await cli.run(["completion", "tcsh"])).exit).toBe(2);
    cli.close();
  });
});
