import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Role, roles } from "./caller.ts";
import { isSinglePerson } from "./directory.ts";
import { type Deed, deeds, may, type PermissionContext, requireMay } from "./permission.ts";
import { acme, directoryOf } from "./world.fixture.ts";

const allDeeds = Object.keys(deeds).filter((name): name is Deed => name in deeds);
const ana = "ana@acme.example";
const bo = "bo@acme.example";
const someone = (held: readonly Role[], groups: readonly string[] = []) => ({ email: ana, roles: held, groups });
const plain: PermissionContext = { singlePerson: false };

/** Written a second time on purpose: the whole table as a person would check it. */
const expected: Record<Deed, string> = {
  "read-action": "viewer approver operator auditor admin",
  "read-receipt": "viewer approver operator auditor admin",
  "read-private": "operator auditor admin",
  "read-readers": "auditor admin",
  export: "auditor admin",
  approve: "",
  stop: "approver operator admin",
  lift: "operator admin",
  "open-run": "operator admin",
  cancel: "operator admin",
  reverse: "operator admin",
  "operate-unknown": "operator admin",
  "settle-alert": "operator admin",
  apply: "admin",
  "activate-policy": "admin",
  "review-tool": "operator admin",
  waive: "admin",
  promote: "admin",
  demote: "operator admin",
  "issue-key": "admin",
  "revoke-key": "operator admin",
  "issue-link": "admin",
  "end-session": "operator admin",
  "keep-secret": "operator admin",
  erase: "admin",
  preserve: "operator auditor admin",
  "end-preservation": "auditor admin",
  "rotate-server-key": "admin",
};

describe("every deed with every role and every pair of roles", () => {
  it.each(allDeeds)("%s", (deed) => {
    const allowed = new Set(expected[deed].split(" ").filter((role) => role !== ""));
    for (const one of roles) {
      for (const two of roles) {
        const want = allowed.has(one) || allowed.has(two);
        expect(may(someone([one, two]), deed, plain).allowed, `${one}+${two}`).toBe(want);
      }
    }
    expect(may(someone([]), deed, plain).allowed).toBe(false);
  });
});

const context = fc.record(
  {
    workflow: fc.constant("replies"),
    dri: fc.constantFrom(ana, bo),
    owner: fc.constantFrom(ana, bo),
    requester: fc.constantFrom(ana, bo),
    first: fc.constantFrom(ana, bo),
    from: fc.constantFrom("leads", "others", ana, bo, "dri"),
    exclude: fc.subarray(["requester", "owner"] as const),
    singlePerson: fc.boolean(),
  },
  { requiredKeys: ["singlePerson"] },
);
const asked = fc.record({
  held: fc.subarray([...roles]),
  groups: fc.subarray(["leads", "bots"]),
  deed: fc.constantFrom(...allDeeds),
  context,
});

describe("properties", () => {
  it("more roles never take a right away", () => {
    fc.assert(
      fc.property(asked, fc.constantFrom(...roles), ({ held, groups, deed, context }, more) => {
        const before = may(someone(held, groups), deed, context);
        const after = may(someone([...held, more], groups), deed, context);
        expect(after.allowed || !before.allowed).toBe(true);
      }),
    );
  });

  it("the role dri alone gives nothing: only being the DRI of this workflow does", () => {
    fc.assert(
      fc.property(asked, ({ held, groups, deed, context }) => {
        const without = held.filter((role) => role !== "dri");
        expect(may(someone([...without, "dri"], groups), deed, context)).toEqual(
          may(someone(without, groups), deed, context),
        );
      }),
    );
  });

  it("nobody approves who was not asked, whatever their roles", () => {
    fc.assert(
      fc.property(asked, ({ held, groups, context }) => {
        const { from } = context;
        const wasAsked =
          from !== undefined &&
          (groups.some((group) => group === from) || from === ana || (from === "dri" && context.dri === ana));
        if (!wasAsked) expect(may(someone(held, groups), "approve", context).allowed).toBe(false);
      }),
    );
  });

  it("a second half by the same person is allowed only in a single-person organisation, and then it shows", () => {
    fc.assert(
      fc.property(asked, ({ held, groups, deed, context }) => {
        const self = { ...context, first: ana, requester: ana, owner: ana, exclude: ["requester", "owner"] as const };
        const permission = may(someone(held, groups), deed, self);
        const twoPeople = ["lift", "activate-policy", "waive", "approve", "erase", "end-preservation"].includes(deed);
        if (permission.allowed) expect(permission.singlePerson).toBe(twoPeople);
        if (permission.allowed && twoPeople) expect(context.singlePerson).toBe(true);
      }),
    );
  });
});

it("says in whose name it is allowed, or who could", () => {
  expect(may(someone([]), "reverse", { ...plain, workflow: "replies", dri: ana })).toEqual({
    allowed: true,
    as: "as DRI of `replies`",
    singlePerson: false,
  });
  expect(may(someone([]), "reverse", { ...plain, workflow: "replies", dri: bo }).allowed).toBe(false);
  expect(may(someone([], ["leads"]), "approve", { ...plain, from: "leads" })).toMatchObject({
    as: "as a member of `leads`",
  });
  expect(may(someone(["viewer"]), "issue-key", plain)).toEqual({
    allowed: false,
    because: "`issue-key` is for `admin`, the workflow's DRI, the agent's owner",
  });
  const caller = { kind: "person", name: "ana", credential: "ses_1", method: "link", ...someone(["viewer"]) } as const;
  expect(() => requireMay(caller, "apply", plain)).toThrow("`apply` is for `admin`");
});

it("an approver or the DRI stops without an administrator", () => {
  expect(may(someone(["approver"]), "stop", plain).allowed).toBe(true);
  expect(may(someone([]), "stop", { ...plain, workflow: "replies", dri: ana }).allowed).toBe(true);
  expect(may(someone(["viewer", "auditor"]), "stop", plain).allowed).toBe(false);
});

it("a stated single-person organisation stops being one with its second person", () => {
  const [first] = [...acme.people.values()];
  expect(isSinglePerson(directoryOf([], first === undefined ? [] : [first], true))).toBe(true);
  expect(isSinglePerson(directoryOf([], first === undefined ? [] : [first], false))).toBe(false);
  expect(isSinglePerson(directoryOf([], [...acme.people.values()], true))).toBe(false);
});
