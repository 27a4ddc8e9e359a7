import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadPacks } from "./load-packs.ts";

const body = "package: x\nversion: 1.0.0\nsystem: x\nreviewed: 2026-11-25\nenvironment: server\ntarget: x\ntools: {}\n";

it("packs are parsed when they are asked for, and a name is taken as it is written", async () => {
  const folder = await mkdtemp(join(tmpdir(), "countersign-"));
  try {
    await writeFile(join(folder, "a.yaml"), `pack: a@1\n${body}`);
    await writeFile(join(folder, "b.yaml"), `pack: b@1\nnot: [a pack\n`);
    await writeFile(join(folder, "c.yaml"), `notes:\n  - |-\n    x\npack: "c@1"\n${body}`);
    const packs = await loadPacks(folder);
    expect(packs.get("a@1")?.pack).toBe("a@1");
    expect(packs.get("a@1")).toBe(packs.get("a@1"));
    expect(packs.get("z@1")).toBeUndefined();
    expect(packs.has("b@1")).toBe(true);
    expect(() => packs.get("b@1")).toThrow();
    expect(() => packs.get('"c@1"'), "its name is not what the line says").toThrow("says two names");
    await writeFile(join(folder, "d.yaml"), `pack: a@1\n${body}`);
    await expect(loadPacks(folder)).rejects.toThrow("is there twice");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
