import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { readConfig, settings } from "./config.ts";
import { Problem } from "./floor/problem.ts";

function refusal(environment: Record<string, string>): Problem {
  try {
    readConfig(environment);
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown;
  }
  throw new Error("it was accepted");
}

describe("readConfig", () => {
  it("has a default for everything", () => {
    const config = readConfig({ PATH: "/bin", HOME: "/home/ana" });
    expect(config.dataFolder).toBe(`${process.cwd()}/.countersign`);
    expect(config).toMatchObject({
      port: undefined,
      log: "info",
      drainMs: 20_000,
      databaseConnections: 10,
    });
    expect(config.databaseUrl).toBeUndefined();
  });

  it("reads typed values and takes an empty one for none", () => {
    const config = readConfig({
      COUNTERSIGN_PORT: "0",
      COUNTERSIGN_LOG: "debug",
      COUNTERSIGN_HOST: "",
      COUNTERSIGN_URL: "https://gate.example.com/",
    });
    expect(config).toMatchObject({
      port: 0,
      log: "debug",
      host: undefined,
      serverUrl: "https://gate.example.com",
    });
  });

  it("refuses a setting that is not known, with the nearest name", () => {
    expect(refusal({ COUNTERSIGN_PROT: "4601" })).toMatchObject({
      code: "invalid",
      detail: "there is no setting `COUNTERSIGN_PROT`",
      help: "did you mean `COUNTERSIGN_PORT`?",
    });
    expect(refusal({ COUNTERSIGN_SOMETHING_ELSE_ENTIRELY: "1" }).help).toContain("--help");
    expect(refusal({ COUNTERSIGN_LOG: "debgu" }).help).toContain("did you mean `debug`?");
  });

  it.each(["", "-1", "65536", "4600.5", "0x10", "1e3", "abc", "NaN"].slice(1))("refuses the port %s", (port) => {
    expect(refusal({ COUNTERSIGN_PORT: port }).help).toBe("expected a whole number from 0 to 65535");
  });

  it("keeps secrets out of errors, JSON and logs", () => {
    const hidden = "hunter2hunter2";
    for (const setting of ["DATABASE_URL", "COUNTERSIGN_PORT", "COUNTERSIGN_LOG", "COUNTERSIGN_URL"]) {
      const problem = refusal({ [setting]: hidden });
      expect(inspect(problem) + JSON.stringify(problem)).not.toContain(hidden);
    }
    expect(inspect(refusal({ COUNTERSIGN_URL: `https://ana:${hidden}@gate.example.com` }))).not.toContain(hidden);
    const config = readConfig({
      DATABASE_URL: `postgres://ana:${hidden}@db.example.com/x`,
      COUNTERSIGN_KEY: hidden,
    });
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain(hidden);
    expect(config.key?.reveal()).toBe(hidden);
  });

  it("stays below 40 settings", () => {
    expect(Object.keys(settings).length).toBeLessThan(40);
  });
});
