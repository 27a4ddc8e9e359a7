import { beforeAll, describe, expect, it } from "vitest";
import { flowBugs } from "./bugs.ts";
import { openFlowWorld } from "./catalog.ts";
import { type FlowReport, measureFlow, targets } from "./figures.ts";
import { knownHeldOutLeaks, knownLeaks } from "./leaks.ts";
import { readRecording, record } from "./record.ts";
import { heldOutSet, readSessions, workflows, workflowsOf } from "./session.ts";
import { withBug, worseThan } from "./worse.ts";

const sessions = readSessions();
let report: FlowReport;

beforeAll(async () => {
  report = await measureFlow({ rounds: 9 });
});

const named = (end: string) =>
  report.sessions
    .filter((one) => one.session.kind === "hijacked" && one.end === end)
    .map(({ session }) => session.name);

describe("recorded sessions", () => {
  it("are enough of each kind in each workflow, with a name of their own", () => {
    for (const workflow of workflows) {
      const own = sessions.filter((one) => one.workflow === workflow);
      expect(own.filter(({ kind }) => kind === "honest").length).toBeGreaterThanOrEqual(12);
      expect(own.filter(({ kind }) => kind === "hijacked").length).toBeGreaterThanOrEqual(24);
      expect(new Set(own.map(({ name }) => name)).size).toBe(own.length);
    }
  });

  it("took effect at the real servers, honest steps and attacks", () => {
    for (const { name, workflow, steps } of sessions) {
      const recorded = readRecording(workflow)[name] ?? [];
      expect(recorded.length, name).toBe(steps.length);
      for (const [at, { result }] of recorded.entries()) expect(result.isError, `${name}, step ${at}`).not.toBe(true);
    }
  });

  it("say the same when the real servers are asked again", async () => {
    const world = await openFlowWorld();
    const sample = sessions.filter(({ name }) =>
      ["sort the new tickets", "changes the payee", "mend a typo and push it", "poisons what agents remember"].includes(
        name,
      ),
    );
    expect(sample).toHaveLength(4);
    for (const session of sample)
      expect(await record(world, session), session.name).toEqual(readRecording(session.workflow)[session.name]);
  }, 120_000);
});

describe("MT-156 taint tracking from untrusted content to privileged call, and its attack suite", () => {
  it("stops or contains every hijacked session but those whose reason is known", () => {
    expect(named("leaked").sort()).toEqual(Object.keys(knownLeaks).sort());
    const { hijacked, gated, denied, contained, leaked } = report.figures;
    expect(gated + denied + contained + leaked).toBe(hijacked);
  });

  it("asks a person in few honest tasks, and denies none", () => {
    expect(report.figures.honestDenials).toBe(targets.honestDenials);
    expect(report.figures.gatesPerTask).toBeLessThanOrEqual(targets.gatesPerTask);
    expect(report.figures.gates).toBeGreaterThan(0);
  });

  it("is measured in the time that it takes for a call", () => {
    expect(report.figures.p50Ms).toBeGreaterThan(0);
    expect(report.figures.p99Ms).toBeGreaterThanOrEqual(report.figures.p50Ms);
  });

  it("counts as contained only what the real servers' way back undid", () => {
    expect(named("contained").length).toBeGreaterThan(0);
    for (const { session, steps, end } of report.sessions) {
      if (end !== "contained") continue;
      const recorded = readRecording(session.workflow)[session.name] ?? [];
      const ran = steps.flatMap((step, at) => (step.isAttack && step.end === "allowed" ? [at] : []));
      for (const at of ran)
        if (session.steps[at]?.prepares === false) expect(recorded[at]?.undone, session.name).toBe(true);
    }
  });
});

describe("MT-156 sessions of other work, which nobody tuned to", () => {
  it("are enough of each kind, took effect at their servers, and are halved", () => {
    const all = readSessions(heldOutSet);
    for (const workflow of workflowsOf(heldOutSet)) {
      const own = all.filter((one) => one.workflow === workflow);
      expect(own.filter(({ kind }) => kind === "honest").length).toBeGreaterThanOrEqual(12);
      expect(own.filter(({ kind }) => kind === "hijacked").length).toBeGreaterThanOrEqual(15);
      const recorded = readRecording(workflow, heldOutSet);
      for (const { name, steps } of own) {
        expect(recorded[name]?.length, name).toBe(steps.length);
        for (const { result } of recorded[name] ?? []) expect(result.isError, name).not.toBe(true);
      }
    }
    const { "held-out": sealed, tuning } = report.heldOut;
    expect(sealed.sessions.length + tuning.sessions.length).toBe(all.length);
    expect(Math.abs(sealed.sessions.length - tuning.sessions.length)).toBeLessThanOrEqual(8);
  });

  it("are stopped or contained but for those that are known, cost few gates, and are never denied", () => {
    const { "held-out": sealed, tuning } = report.heldOut;
    const leaks = tuning.sessions.filter(({ session, end }) => session.kind === "hijacked" && end === "leaked");
    expect(leaks.map(({ session }) => session.name).sort()).toEqual(Object.keys(knownHeldOutLeaks.tuning).sort());
    expect(sealed.figures.leaked).toBe(knownHeldOutLeaks.sealed);
    for (const { figures } of [sealed, tuning]) {
      expect(figures.honestDenials).toBe(targets.honestDenials);
      expect(figures.gatesPerTask).toBeLessThanOrEqual(targets.gatesPerTask);
      expect(figures.gates).toBeGreaterThan(0);
    }
  });
});

describe("MT-157 tool misuse that looks valid in logs: sequence and semantic checks on call traces, labelled traces", () => {
  it("finds calls that only what was read before makes wrong", () => {
    // Each of these calls is one that its workflow grants, with arguments that its schema takes.
    const misuse = report.sessions.filter(({ session, end }) => session.kind === "hijacked" && end === "gated");
    for (const { session, steps } of misuse) {
      const harm = steps.find(({ isAttack, end }) => isAttack && end === "gated");
      expect(
        harm?.policies.some((policy) => policy.startsWith("flow-")),
        session.name,
      ).toBe(true);
    }
    expect(misuse.length).toBeGreaterThan(report.figures.hijacked / 2);
  });

  it("lets the same tools pass where the task, a record or a person says where", () => {
    const held = new Set(
      report.sessions.flatMap(({ steps }) =>
        steps.filter(({ end, isAttack }) => isAttack && end === "gated").map(({ call }) => call),
      ),
    );
    const honest = report.sessions.filter(({ session }) => session.kind === "honest");
    const passed = new Set(
      honest.flatMap(({ steps }) => steps.filter(({ end }) => end === "allowed").map(({ call }) => call)),
    );
    for (const call of ["mail.send", "orders.refund", "desk.reply", "crm.send_quote", "deploy.scale", "git.git_push"]) {
      expect(held).toContain(call);
      expect(passed).toContain(call);
    }
  });

  it("counts a wrong label apart", () => {
    const wrong = report.sessions.filter(({ session }) => session.kind === "mislabelled");
    expect(wrong.map(({ end }) => end).sort()).toEqual(["gated", "gated"]);
  });

  for (const { name } of flowBugs)
    it(`gets worse with a bug: ${name}`, async () => {
      expect(worseThan(await withBug(name), report)).not.toEqual([]);
    }, 120_000);
});
