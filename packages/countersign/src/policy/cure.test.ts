import { describe, expect, it } from "vitest";
import { approval, asks, check } from "./acme.fixture.ts";
import { type Cure, cureState, excluded, readCure, requirementsOf, takesGrants } from "./cure.ts";

const full = { cure: "approval", from: "sre", count: "2", open: "4h", valid: "1h", exclude: "requester,owner" };

describe("readCure", () => {
  it("reads an approval", () => {
    expect(readCure(full)).toEqual({
      ok: {
        kind: "approval",
        from: "sre",
        count: 2,
        exclude: ["requester", "owner"],
        openMs: 14_400_000,
        validMs: 3_600_000,
      },
    });
  });

  it("reads where a grant may answer it", () => {
    expect(readCure({ ...full, grants: "yes" })).toMatchObject({ ok: { grants: "yes" } });
    expect(readCure({ ...full, grants: "production" })).toMatchObject({ ok: { grants: "production" } });
  });

  it("reads a check and a wait", () => {
    expect(readCure({ cure: "check", check: "plan", age: "15m" })).toEqual({
      ok: { kind: "check", names: ["plan"], maxAgeMs: 900_000 },
    });
    expect(readCure({ cure: "wait", until: "2026-12-27T08:00:00Z" })).toEqual({
      ok: { kind: "wait", until: "2026-12-27T08:00:00.000Z" },
    });
  });

  it.each<[string, { [name: string]: string }]>([
    ["an unknown kind", { ...full, cure: "hope" }],
    ["a kind that nothing provides yet", { cure: "grant" }],
    ["no group", { ...full, from: "" }],
    ["every group", { ...full, from: "*" }],
    ["nobody", { ...full, count: "0" }],
    ["a crowd", { ...full, count: "11" }],
    ["a count that is no number", { ...full, count: "two" }],
    ["an endless question", { ...full, open: "31d" }],
    ["a validity that is no duration", { ...full, valid: "forever" }],
    ["an unknown exclusion", { ...full, exclude: "boss" }],
    ["an empty exclusion", { ...full, exclude: "" }],
    ["grants of another kind", { ...full, grants: "true" }],
    ["grants for a check", { cure: "check", check: "plan", age: "15m", grants: "yes" }],
    ["grants without a cure", { grants: "yes" }],
    ["an annotation of another cure", { ...full, check: "plan" }],
    ["an annotation without a cure", { from: "sre" }],
    ["a check without an age", { cure: "check", check: "plan" }],
    ["a wait without an instant", { cure: "wait", until: "tomorrow" }],
  ])("refuses %s", (_, annotations) => {
    expect(readCure(annotations)).toHaveProperty("fault");
  });

  it.each(["from", "count", "open", "valid", "exclude"])("refuses an approval without @%s", (name) => {
    const rest = Object.fromEntries(Object.entries(full).filter(([key]) => key !== name));
    expect(readCure(rest)).toHaveProperty("fault");
  });
});

describe("a check cure", () => {
  const plan = { id: "p", digest: "sha256:p", cure: { kind: "check", names: ["plan"], maxAgeMs: 900_000 } as Cure };
  const every = { ...plan, cure: { kind: "check", names: ["plan", "secrets"], maxAgeMs: 900_000 } as Cure };
  const state = (policy: typeof plan, ...checks: ReturnType<typeof check>[]) =>
    cureState(policy, asks({ facts: { checks } })).kind;

  it("is met by a fresh pass on these very arguments", () => {
    expect(state(plan, check("plan"))).toBe("met");
    expect(state(plan, check("secrets"))).toBe("open");
    expect(state(plan, check("plan", { argsDigest: "sha256:other" }))).toBe("open");
    expect(state(plan, check("plan", { at: "2026-11-22T11:45:00.000Z" }))).toBe("open");
  });

  it("goes by the latest result of a check", () => {
    const failed = check("plan", { verdict: "fail", at: "2026-11-22T11:59:30.000Z" });
    expect(state(plan, check("plan"), failed)).toBe("impossible");
    expect(state(plan, failed, check("plan", { at: "2026-11-22T11:59:40.000Z" }))).toBe("met");
  });

  it("cannot be met by a check that broke", () => {
    expect(state(plan, check("plan", { verdict: "error" }))).toBe("impossible");
  });

  it("`every` asks for a fresh pass of each check that there is, and cannot be met where there is none", () => {
    expect(readCure({ cure: "check", check: "every", age: "15m" }, ["secrets", "plan"])).toEqual({ ok: every.cure });
    const none = { ...plan, cure: { kind: "check", names: [], maxAgeMs: 900_000 } as Cure };
    expect(state(none, check("plan"))).toBe("impossible");
    const open = cureState(every, asks({ facts: { checks: [check("plan")] } }));
    expect(requirementsOf(every, open, asks())).toMatchObject([{ kind: "check", name: "secrets" }]);
    expect(state(every)).toBe("open");
    expect(state(every, check("plan"), check("secrets"))).toBe("met");
    expect(state(every, check("plan"), check("secrets", { at: "2026-11-22T11:00:00.000Z" }))).toBe("open");
    expect(state(every, check("plan"), check("secrets", { verdict: "fail" }))).toBe("impossible");
  });
});

describe("a wait cure", () => {
  it("is met when its instant has come", () => {
    const policy = { id: "p", digest: "sha256:p", cure: { kind: "wait", until: "2026-11-22T12:00:00.000Z" } as Cure };
    expect(cureState(policy, asks({ at: "2026-11-22T11:59:59.999Z" })).kind).toBe("open");
    expect(cureState(policy, asks({ at: "2026-11-22T12:00:00.000Z" })).kind).toBe("met");
    const until = "2026-11-22T12:00:00.000Z";
    expect(requirementsOf(policy, { kind: "open" }, asks())).toMatchObject([{ kind: "wait", until }]);
  });
});

describe("what is wrong with a cure", () => {
  const faultOf = (annotations: { readonly [name: string]: string }) => {
    const read = readCure(annotations);
    return "fault" in read ? [read.fault, ...(read.help === undefined ? [] : [read.help])] : ["none"];
  };
  const checked = { cure: "check", check: "plan", age: "15m" };
  const until = { cure: "wait", until: "2026-12-27T08:00:00Z" };
  const kinds = "a cure is `approval`, `check` or `wait`";
  const persons = "a number from 1 to 10";
  const whom = "`requester`, `owner`, both with a comma, or `nobody`";
  const instant = ["`@until` is no instant", "an instant in UTC such as `2026-12-27T08:00:00Z`"];

  it.each<[{ readonly [name: string]: string }, readonly string[]]>([
    [{ cure: "chek" }, ["cure `chek` is not known", `${kinds}; did you mean \`check\`?`]],
    [{ cure: "nothing-like-it" }, ["cure `nothing-like-it` is not known", kinds]],
    [{ cure: "approval" }, ["cure `approval` needs `@from`"]],
    [{ cure: "check", check: "plan" }, ["cure `check` needs `@age`"]],
    [{ cure: "wait" }, ["cure `wait` needs `@until`"]],
    [{ ...full, age: "1h" }, ["`@age` does not belong to cure `approval`"]],
    [{ ...full, until: "x" }, ["`@until` does not belong to cure `approval`"]],
    [{ ...checked, count: "1" }, ["`@count` does not belong to cure `check`"]],
    [{ ...until, check: "plan" }, ["`@check` does not belong to cure `wait`"]],
    [{ valid: "1h" }, ["`@valid` stands without `@cure`"]],
    [{ until: "x" }, ["`@until` stands without `@cure`"]],
    [{ ...full, from: " " }, ["`@from` names one group, `dri` or one person"]],
    [{ ...full, from: "sre*" }, ["`@from` names one group, `dri` or one person"]],
    ...["0", "11", "1000", "-1", "1.5", "x1", "1x", ""].map(
      (count): [{ readonly [name: string]: string }, readonly string[]] => [
        { ...full, count },
        [`\`@count\` is \`${count}\``, persons],
      ],
    ),
    [{ ...full, open: "31d" }, ["`@open` is `31d`", "a duration such as `4h`, at most 30d"]],
    [{ ...full, valid: "0s" }, ["`@valid` is `0s`", "a duration such as `1h`, at most 30d"]],
    [{ ...full, exclude: "boss" }, ["`@exclude` has `boss`", whom]],
    [{ ...full, exclude: "owner,nobody" }, ["`@exclude` has `nobody`", whom]],
    [{ ...checked, check: " " }, ["`@check` names one check", "or `every` for every check that is configured"]],
    [{ ...checked, check: "p*" }, ["`@check` names one check", "or `every` for every check that is configured"]],
    [{ ...checked, age: "old" }, ["`@age` is `old`", "a duration such as `15m`, at most 30d"]],
    ...[
      "2026-12-27",
      "2026-12-27T08:00:00",
      "2026-13-27T08:00:00Z",
      "x2026-12-27T08:00:00Z",
      "2026-12-27T08:00:00Zx",
    ].map((text): [{ readonly [name: string]: string }, readonly string[]] => [{ ...until, until: text }, instant]),
  ])("%j is told with what to write", (annotations, fault) => {
    expect(faultOf(annotations)).toEqual(fault);
  });

  it("is nothing where it is as it should be", () => {
    expect(readCure({ title: "x" })).toEqual({ ok: undefined });
    for (const count of ["1", "10"]) expect(readCure({ ...full, count })).toHaveProperty("ok.count", Number(count));
    expect(readCure({ ...full, exclude: "nobody" })).toHaveProperty("ok.exclude", []);
    expect(readCure({ ...full, exclude: " owner , requester" })).toHaveProperty("ok.exclude", ["owner", "requester"]);
    expect(readCure({ ...full, from: "dri" })).toHaveProperty("ok.from", "dri");
  });
});

describe("what a cure asks for", () => {
  const asking = (cure: Partial<Extract<Cure, { kind: "approval" }>> = {}) => ({
    id: "p",
    digest: "sha256:p",
    cure: {
      kind: "approval",
      from: "sre",
      count: 2,
      exclude: ["requester", "owner"],
      openMs: 14_400_000,
      validMs: 3_600_000,
      ...cure,
    } as Cure,
  });
  const sentenceOf = (policy: ReturnType<typeof asking>, ...persons: readonly string[]) => {
    const approvals = persons.map((person) => ({
      ...approval({ policies: [] } as never, "p"),
      person,
      groups: ["sre"],
      policyDigest: "sha256:p",
    }));
    const input = asks({ facts: { approvals }, principal: { onBehalfOf: "rex@acme.example" } });
    return requirementsOf(policy, cureState(policy, input), input)[0]?.sentence;
  };

  it("is told with who, how many, who not, how many there are, and for how long", () => {
    expect(sentenceOf(asking())).toBe(
      "2 approvals of different people from group `sre`, not from the requester or the owner, asked for during 4h",
    );
    expect(sentenceOf(asking(), "lea@acme.example")).toBe(
      "2 approvals of different people from group `sre`, not from the requester or the owner (1 given), asked for during 4h",
    );
    expect(sentenceOf(asking({ count: 1, exclude: [], from: "dri" }))).toBe(
      "an approval from the DRI or who stands in, asked for during 4h",
    );
    expect(sentenceOf(asking({ exclude: ["owner"], from: "lea@acme.example" }))).toBe(
      "2 approvals of different people from `lea@acme.example`, not from the owner, asked for during 4h",
    );
    expect(requirementsOf(asking(), { kind: "met" }, asks())[0]).toMatchObject({
      kind: "approval",
      policy: "p",
      policyDigest: "sha256:p",
      from: "sre",
      count: 2,
      openMs: 14_400_000,
      validMs: 3_600_000,
    });
  });

  it("is not met by those who are excluded: the owner, who asked, and whoever vouched for them", () => {
    expect(sentenceOf(asking(), "rex@acme.example", "olu@acme.example")).not.toContain("given");
    expect(sentenceOf(asking({ exclude: [] }), "rex@acme.example")).toContain("(1 given)");
    const principal = { owner: "olu", onBehalfOf: "rex", vouchedBy: ["dana"] };
    expect(excluded(["owner"], principal)).toEqual(["olu"]);
    expect(excluded(["requester"], principal)).toEqual(["rex", "dana"]);
    expect(excluded(["requester", "owner"], { owner: "olu" })).toEqual(["olu"]);
    expect(excluded([], principal)).toEqual([]);
  });

  it("of checks and instants is told too, and of a check that failed or broke", () => {
    const cure: Cure = { kind: "check", names: ["plan", "secrets"], maxAgeMs: 900_000 };
    const policy = { id: "p", digest: "sha256:p", cure };
    const state = (...checks: ReturnType<typeof check>[]) => cureState(policy, asks({ facts: { checks } }));
    expect(requirementsOf(policy, state(), asks())).toEqual(
      ["plan", "secrets"].map((name) => ({
        kind: "check",
        policy: "p",
        policyDigest: "sha256:p",
        name,
        maxAgeMs: 900_000,
        sentence: `check \`${name}\` passed on these arguments within 15m`,
      })),
    );
    expect(requirementsOf(policy, { kind: "met" }, asks())).toEqual([]);
    expect(state(check("plan", { verdict: "fail" }))).toEqual({
      kind: "impossible",
      sentence: "check `plan` did not pass",
    });
    expect(state(check("secrets", { verdict: "error" }))).toEqual({
      kind: "impossible",
      sentence: "check `secrets` could not be completed",
    });
    const wait = { id: "p", digest: "sha256:p", cure: { kind: "wait", until: "2027-01-01T00:00:00.000Z" } as Cure };
    expect(requirementsOf(wait, { kind: "open" }, asks())[0]?.sentence).toBe("waiting until 2027-01-01T00:00:00.000Z");
  });

  it("counts a check from five seconds ahead of our clock to just before it is too old", () => {
    const policy = { id: "p", digest: "sha256:p", cure: { kind: "check", names: ["plan"], maxAgeMs: 900_000 } as Cure };
    const kind = (at: string) => cureState(policy, asks({ facts: { checks: [check("plan", { at })] } })).kind;
    expect(kind("2026-11-22T12:00:05.000Z")).toBe("met");
    expect(kind("2026-11-22T12:00:05.001Z")).toBe("open");
    expect(kind("2026-11-22T11:45:00.001Z")).toBe("met");
    expect(kind("2026-11-22T11:45:00.000Z")).toBe("open");
  });
});

describe("a grant", () => {
  const cure = { kind: "approval", from: "sre", count: 1, exclude: ["requester"], openMs: 1, validMs: 60_000 } as const;
  const { at } = asks({});
  const before = new Date(Date.parse(at) - 3_600_000).toISOString();
  const later = new Date(Date.parse(at) + 60_000).toISOString();
  const state = (
    grants: "yes" | "production" | undefined,
    { until = later, ...more }: { readonly until?: string } & Parameters<typeof asks>[0] = {},
    passkey?: "always" | "never",
  ) => {
    const policy = {
      id: "p",
      digest: "sha256:p",
      cure: { ...cure, ...(grants === undefined ? {} : { grants }), ...(passkey === undefined ? {} : { passkey }) },
    };
    const input = asks({ verb: "execute", ...more });
    const fact = { policy: "p", policyDigest: "sha256:p", person: "ana@acme.example", groups: ["sre"], at: before };
    const approvals = [{ ...fact, callDigest: input.callDigest, grant: { id: "gov_1", until } }];
    return cureState(policy, { ...input, facts: { ...input.facts, approvals } }).kind;
  };
  const undone = { facts: { reversal: "plan" } } as const;

  it("counts where the policy takes grants, until it ends, however old it is", () => {
    expect(state("yes", undone)).toBe("met");
    expect(state("yes", { verb: "read" })).toBe("met");
    expect(state("yes", { ...undone, until: at })).toBe("open");
    expect(state("yes", { ...undone, until: "some day" })).toBe("open");
    expect(state(undefined, undone)).toBe("open");
  });

  it("never counts where only a passkey's signature does", () => {
    expect(state("yes", undone, "always")).toBe("open");
    expect(state("yes", undone, "never")).toBe("met");
  });

  it("never counts where nothing would undo the call", () => {
    for (const reversal of ["none", "irreversible"] as const)
      expect(state("production", { facts: { reversal } })).toBe("open");
  });

  it("counts for tier 3 in production only where the policy says that, too", () => {
    for (const tier of [0, 1, 2, 3] as const)
      for (const production of [false, true])
        for (const grants of ["yes", "production"] as const) {
          const input = { verb: "execute", reversal: "plan", tier, production };
          expect(takesGrants(grants, input)).toBe(tier < 3 || !production || grants === "production");
          expect(takesGrants(undefined, input)).toBe(false);
        }
  });
});
