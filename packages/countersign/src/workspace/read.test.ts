import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sentence } from "./finding.ts";
import { read } from "./read.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-read-"));
  for (const name of ["workflows", "tools", "policies"]) await mkdir(join(folder, name));
  await writeFile(join(folder, "countersign.yaml"), "organisation: Acme\n");
});
afterEach(async () => rm(folder, { recursive: true }));

const put = async (path: string, text: string | Uint8Array): Promise<void> => writeFile(join(folder, path), text);
const problems = async (): Promise<string> => (await read(folder)).problems.map(sentence).join("\n");

describe("read", () => {
  it("takes the files of a workspace and leaves the rest of the repository alone", async () => {
    await put("workflows/a.yaml", "a\n");
    await put("tools/b.yaml", "b\n");
    await put("policies/c.cedar", "c\n");
    await put("policies/invariants.yaml", "d\n");
    await put("policies/README.md", "x");
    await put("workflows/.a.yaml.swp", "x");
    await put("package.json", "{}");
    await mkdir(join(folder, "src"));
    const found = await read(folder);
    expect(found.problems).toEqual([]);
    expect(found.files).toEqual({
      "countersign.yaml": "organisation: Acme\n",
      "workflows/a.yaml": "a\n",
      "tools/b.yaml": "b\n",
      "policies/c.cedar": "c\n",
      "policies/invariants.yaml": "d\n",
    });
  });

  it("refuses a file that nobody would read", async () => {
    await put("policies/freeze.cedr", "x");
    await put("workflows/a.yml", "x");
    await mkdir(join(folder, "policies/team"));
    expect(await problems()).toBe(
      [
        "workflows/a.yml:1:1: error: this file is not read; expected `countersign.yaml`, `workflows/*.yaml`, `tools/*.yaml`, `policies/*.cedar`, `policies/*.test.yaml` or `policies/invariants.yaml`; rename it, or move it out of the folder; did you mean `workflows/a.yaml`?",
        "policies/freeze.cedr:1:1: error: this file is not read; expected `countersign.yaml`, `workflows/*.yaml`, `tools/*.yaml`, `policies/*.cedar`, `policies/*.test.yaml` or `policies/invariants.yaml`; rename it, or move it out of the folder",
        "policies/team:1:1: error: this file is not read; expected `countersign.yaml`, `workflows/*.yaml`, `tools/*.yaml`, `policies/*.cedar`, `policies/*.test.yaml` or `policies/invariants.yaml`; rename it, or move it out of the folder",
      ].join("\n"),
    );
  });

  it("refuses a link that leads out, and follows one that stays inside", async () => {
    await symlink("/etc/hostname", join(folder, "workflows/out.yaml"));
    await put("real.yaml", "inside\n");
    await symlink("../real.yaml", join(folder, "workflows/in.yaml"));
    await symlink("nowhere.yaml", join(folder, "workflows/broken.yaml"));
    const found = await read(folder);
    expect(found.files["workflows/in.yaml"]).toBe("inside\n");
    expect(Object.keys(found.files)).toEqual(["countersign.yaml", "workflows/in.yaml"]);
    expect(await problems()).toBe(
      [
        "workflows/broken.yaml:1:1: error: the file cannot be read; look at its permissions",
        "workflows/out.yaml:1:1: error: this link leads out of the workspace; expected a file inside the folder",
      ].join("\n"),
    );
  });

  it("refuses a folder that is a link to another place", async () => {
    await rm(join(folder, "tools"), { recursive: true });
    const other = await mkdtemp(join(tmpdir(), "countersign-other-"));
    await writeFile(join(other, "x.yaml"), "x\n");
    await symlink(other, join(folder, "tools"));
    expect(await problems()).toContain("tools/x.yaml:1:1: error: this link leads out of the workspace");
    await rm(other, { recursive: true });
  });

  it("refuses what is too large, what is no text and what is no file, and does not wait for a pipe", async () => {
    await put("workflows/big.yaml", "#".repeat(1_048_577));
    await put("workflows/most.yaml", "#".repeat(1_048_576));
    await put("workflows/latin.yaml", new Uint8Array([0x61, 0xff]));
    execFileSync("mkfifo", [join(folder, "workflows/pipe.yaml")]);
    expect(await problems()).toBe(
      [
        "workflows/big.yaml:1:1: error: the file is too large; expected at most 1048576 bytes",
        "workflows/latin.yaml:1:1: error: the file is not UTF-8 text; expected UTF-8",
        "workflows/pipe.yaml:1:1: error: this is not a file",
      ].join("\n"),
    );
  });

  it("refuses too many files", async () => {
    await Promise.all(Array.from({ length: 500 }, async (_, index) => put(`policies/p${index}.cedar`, "")));
    expect(await problems()).toBe(
      "countersign.yaml:1:1: error: the workspace is too large; expected at most 500 files and 16777216 bytes",
    );
  });

  it("says where there is no workspace", async () => {
    await expect(read(join(folder, "nowhere"))).rejects.toMatchObject({ code: "not_found" });
    await rm(join(folder, "countersign.yaml"));
    await put("countersign.yml", "x");
    expect(await problems()).toBe(
      "countersign.yml:1:1: error: this file is not read; expected `countersign.yaml`; rename it",
    );
  });
});
