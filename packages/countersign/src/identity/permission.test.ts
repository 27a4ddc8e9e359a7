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
  "ask-decision": "operator auditor admin",
  approve: "",
  "break-glass": "",
  "review-glass": "operator auditor admin",
  "revoke-grant": "operator admin",
  stop: "approver operator admin",
  lift: "operator admin",
  "open-run": "operator admin",
  cancel: "operator admin",
  reverse: "operator admin",
  "operate-notices": "operator admin",
  "test-page": "operator admin",
  "operate-unknown": "operator admin",
  "settle-alert": "operator admin",
  apply: "admin",
  "sign-proposal": "operator admin",
  "review-tool": "operator admin",
  waive: "admin",
  promote: "admin",
  demote: "operator admin",
  "issue-key": "admin",
  "revoke-key": "operator admin",
  "issue-link": "admin",
  "end-session": "operator admin",
  "remove-passkey": "operator admin",
  "keep-secret": "operator admin",
  connect: "operator admin",
  disconnect: "operator admin",
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

const cy = "cy@acme.example";
const vouchers = fc.subarray([ana, bo, cy]);
const hands = fc.record({ person: fc.constantFrom(ana, bo), vouchedBy: vouchers });
const context = fc.record(
  {
    workflow: fc.constant("replies"),
    dri: fc.constantFrom(ana, bo),
    owner: fc.constantFrom(ana, bo),
    about: fc.constantFrom(ana, bo),
    requester: hands,
    first: hands,
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
        const me = { person: ana, vouchedBy: [] };
        const self = { ...context, first: me, requester: me, owner: ana, exclude: ["requester", "owner"] as const };
        const permission = may(someone(held, groups), deed, self);
        const second = ["lift", "sign-proposal", "waive", "erase", "end-preservation", "review-glass"];
        const twoPeople = ["approve", "break-glass", ...second].includes(deed);
        if (permission.allowed) expect(permission.singlePerson).toBe(twoPeople);
        if (permission.allowed && twoPeople) expect(context.singlePerson).toBe(true);
      }),
    );
  });
});

it("a login and whoever vouched for it are one person where two are asked for, on either side and over a third", () => {
  const second: PermissionContext = { ...plain, first: { person: bo, vouchedBy: [] } };
  const me = { email: ana, roles: ["admin"], groups: ["leads"] } as const;
  expect(may(me, "lift", second).allowed).toBe(true);
  expect(may({ ...me, vouchedBy: [bo] }, "lift", second)).toEqual({
    allowed: false,
    because: `the second half of this belongs to another person, and \`${bo}\` made the link that you are logged in with: you count as one`,
  });
  expect(may(me, "lift", { ...plain, first: { person: bo, vouchedBy: [ana] } })).toMatchObject({ allowed: false });
  expect(may({ ...me, vouchedBy: [cy] }, "lift", { ...plain, first: { person: bo, vouchedBy: [cy] } })).toMatchObject({
    allowed: false,
    because: expect.stringContaining(`\`${cy}\` made the links`),
  });
  const asked: PermissionContext = { ...plain, from: "leads", exclude: ["requester", "owner"] };
  const byBo = { ...asked, requester: { person: bo, vouchedBy: [] } };
  expect(may(me, "approve", byBo).allowed).toBe(true);
  expect(may({ ...me, vouchedBy: [bo] }, "approve", byBo).allowed).toBe(false);
  expect(may(me, "approve", { ...asked, requester: { person: bo, vouchedBy: [ana] } }).allowed).toBe(false);
  expect(may({ ...me, vouchedBy: [cy] }, "approve", { ...asked, owner: cy }).allowed).toBe(false);
  expect(may({ ...me, vouchedBy: [cy] }, "approve", { ...asked, owner: bo }).allowed).toBe(true);
});

it("whoever vouched for more logins can do no more with them", () => {
  fc.assert(
    fc.property(asked, vouchers, fc.constantFrom(ana, bo, cy), ({ held, groups, deed, context }, some, more) => {
      const before = may({ ...someone(held, groups), vouchedBy: some }, deed, context);
      const after = may({ ...someone(held, groups), vouchedBy: [...some, more] }, deed, context);
      expect(before.allowed || !after.allowed).toBe(true);
      if (after.allowed && before.allowed) expect(after.singlePerson || !before.singlePerson).toBe(true);
    }),
  );
});

it("anyone may make a link for themself, and only an admin one for somebody else", () => {
  expect(may(someone([]), "issue-link", { ...plain, about: ana })).toMatchObject({ as: "for themself" });
  expect(may(someone(["operator"]), "issue-link", { ...plain, about: bo })).toMatchObject({
    because: "`issue-link` is for `admin`, whom it is about",
  });
  expect(may(someone(["admin"]), "issue-link", { ...plain, about: bo })).toMatchObject({ as: "as admin" });
});

it("says in whose name it is allowed, or who could", () => {
  expect(may(someone([]), "reverse", { ...plain, workflow: "replies", dri: ana })).toEqual({
    allowed: true,
    as: "as DRI of `replies`",
    singlePerson: false,
  });
  expect(may(someone([]), "reverse", { ...plain, workflow: "replies", dri: bo }).allowed).toBe(false);
  const delegated = { ...plain, workflow: "replies", dri: bo, delegates: [ana] };
  expect(may(someone([]), "reverse", delegated)).toMatchObject({ allowed: true, as: "as delegate of `replies`" });
  expect(may(someone([]), "approve", { ...delegated, from: "dri" }).allowed).toBe(false);
  expect(may(someone([]), "keep-secret", delegated).allowed).toBe(false);
  expect(may(someone([]), "connect", { ...plain, about: ana })).toMatchObject({ allowed: true, as: "for themself" });
  expect(may(someone([]), "connect", { ...plain, about: bo }).allowed).toBe(false);
  expect(may(someone([]), "keep-secret", { ...plain, about: ana }).allowed).toBe(false);
  expect(may(someone([], ["leads"]), "approve", { ...plain, from: "leads" })).toMatchObject({
    as: "as a member of `leads`",
  });
  expect(may(someone(["viewer"]), "issue-key", plain)).toEqual({
    allowed: false,
    because: "`issue-key` is for `admin`, the workflow's DRI and delegates, the agent's owner",
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
