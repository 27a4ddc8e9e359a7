import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { asCalledIn, calledAs, ownClone, ownProgram } from "./called-as.ts";

const elsewhere = mkdtempSync(join(tmpdir(), "countersign-called-"));
const clone = ownClone() ?? "";
const bin = join(elsewhere, "bin");
mkdirSync(bin);
writeFileSync(join(bin, process.platform === "win32" ? "countersign.cmd" : "countersign"), "");
chmodSync(bin, 0o755);
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

describe("the way this program was called", () => {
  it("is npx or npm where they started it, and the clone's npx where npm started something else there", () => {
    expect(calledAs({ env: { npm_command: "exec", PATH: bin }, cwd: elsewhere })).toBe("npx countersign");
    const script = { npm_command: "run-script", npm_lifecycle_event: "countersign", PATH: bin };
    expect(calledAs({ env: script, cwd: clone })).toBe("npm run countersign --");
    expect(calledAs({ env: { npm_command: "start", PATH: bin }, cwd: clone })).toBe("npx countersign");
  });

  it("is its name only where the path has it", () => {
    expect(calledAs({ env: { PATH: bin }, cwd: elsewhere })).toBe("countersign");
    expect(calledAs({ env: { PATH: elsewhere }, cwd: join(clone, "docs") })).toBe("npx countersign");
    const whole = calledAs({ env: { PATH: elsewhere }, cwd: elsewhere });
    expect(whole).toContain(ownProgram);
    expect(whole).toContain(process.execPath);
    // A folder beside the clone whose name begins like it is not in it.
    expect(calledAs({ env: {}, cwd: `${clone.replace(/[\\/]$/, "")}-other` })).toContain(ownProgram);
    expect(calledAs({ env: {}, cwd: elsewhere, program: "/opt/a b/countersign.js" })).toContain('"/opt/a b/');
  });
});

describe("a hint", () => {
  const onPath = { env: { PATH: bin }, cwd: elsewhere };

  it("has its commands as they are called, and leaves other words alone", () => {
    const npx = { env: { npm_command: "exec" }, cwd: elsewhere };
    expect(asCalledIn("run `countersign check`, then `countersign plan`", npx)).toBe(
      "run `npx countersign check`, then `npx countersign plan`",
    );
    expect(asCalledIn("run `countersign check` of countersign", onPath)).toBe("run `countersign check` of countersign");
  });

  it("starts a workspace where there is one, and else the clone's example", () => {
    const help = "start one with `countersign up`, or name another";
    expect(asCalledIn(help, { env: {}, cwd: clone })).toBe("start one with `npm start`, or name another");
    expect(asCalledIn(help, onPath)).toBe(`start one with \`npm start\` in ${clone}, or name another`);
    const workspace = join(clone, "examples", "workspace");
    expect(asCalledIn(help, { env: {}, cwd: clone, workspace })).toBe(
      "start one with `npx countersign up`, or name another",
    );
    const installed = { ...onPath, program: join(elsewhere, "node_modules", "countersign", "bin", "countersign.js") };
    expect(asCalledIn(help, installed)).toBe(help);
  });
});
