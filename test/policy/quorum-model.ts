import type { ApprovalFact, DecisionInput } from "@countersign/contract";
import { acme, approval, asks, at, callDigest } from "../../packages/countersign/src/policy/acme.fixture.ts";
import { decide } from "../../packages/countersign/src/policy/decide.ts";
import type { CompiledPolicies } from "../../packages/countersign/src/policy/policy.ts";

// Two policies ask for approvals of one call. Every world of a few approvals is tried, and what `decide` answers is held
// against the sentence itself: that many people, each for this policy's text and this call, none of whom is excluded; or one
// person who broke the glass over it and did not ask for the call, where the policy lets somebody.

const first = "support-replies/approval/helpdesk.draft_refund";
const second = "second-pair-of-eyes";
const requester = "ana@acme.example";
const owner = "olu@acme.example";
const others = ["lea@acme.example", "Max@acme.example "];

interface Asking {
  readonly id: string;
  readonly from: string;
  readonly count: number;
  readonly excluded: readonly string[];
  readonly isBreakable: boolean;
}

const leads = { id: first, from: "support-leads", count: 2, excluded: [requester, owner], isBreakable: true };
const sre = { id: second, from: "sre", count: 1 };
/** Beside the first policy, one over which nobody breaks the glass; or one where whoever asked for the call may be one of several. */
const variants: readonly (readonly Asking[])[] = [
  [leads, { ...sre, excluded: [requester], isBreakable: false }],
  [leads, { ...sre, excluded: [owner], isBreakable: true }],
];

export interface Explored {
  readonly worlds: number;
  readonly allowed: number;
  readonly violations: readonly string[];
}

export async function exploreQuorums(most = 3): Promise<Explored> {
  const violations: string[] = [];
  let [worlds, allowed] = [0, 0];
  for (const askings of variants) {
    const policies = await policiesOf(askings);
    for (const approvals of worldsOf(policies, askings)) {
      for (const cured of [[], [first, second]]) {
        worlds++;
        const input = inputWith(approvals, cured);
        const decision = decide(input, policies);
        const open = new Set(decision.requirements.map(({ policy }) => policy));
        if (decision.effect === "allow") allowed++;
        const wanted = askings.filter((asking) => !isMet(asking, approvals, policies)).map(({ id }) => id);
        const effect = wanted.length === 0 ? "allow" : "require";
        const same = decision.effect === effect && wanted.length === open.size && wanted.every((id) => open.has(id));
        if (!same)
          violations.push(
            `${decision.effect} [${[...open].join()}], not ${effect} [${wanted.join()}]: ${JSON.stringify(approvals)}`,
          );
        if (violations.length >= most) return { worlds, allowed, violations };
      }
    }
  }
  return { worlds, allowed, violations };
}

function policiesOf(askings: readonly Asking[]): Promise<CompiledPolicies> {
  const { excluded = [], isBreakable } = askings[1] ?? {};
  return acme(`
@id("${second}")
@cure("approval") @from("sre") @count("1") @open("4h") @valid("1h")
@exclude("${excluded[0] === owner ? "owner" : "requester"}")${isBreakable === true ? "" : ' @glass("never")'}
forbid (principal, action == Action::"helpdesk.draft_refund", resource)
unless { context.facts.cured.contains("${second}") };`);
}

function inputWith(approvals: readonly ApprovalFact[], cured: readonly string[]): DecisionInput {
  return asks({
    tool: "helpdesk.draft_refund",
    verb: "propose",
    principal: { onBehalfOf: requester },
    facts: { approvals, cured },
  });
}

/** Every approval that is right but for at most one thing, and of both policies; then every few of them together. */
function* worldsOf(policies: CompiledPolicies, askings: readonly Asking[]): Generator<readonly ApprovalFact[]> {
  const digests = new Map(policies.policies.map(({ id, digest }) => [id, digest]));
  const slips: readonly Partial<ApprovalFact>[] = [
    {},
    { policyDigest: `sha256:${"0".repeat(64)}` },
    { callDigest: `sha256:${"1".repeat(64)}` },
    { groups: ["nobodies"] },
    { at: "2026-11-22T10:59:00.000Z" },
    { at: "2026-11-22T12:01:00.000Z" },
    { vouchedBy: [requester.toUpperCase()] },
    { vouchedBy: [others[0] ?? ""] },
    { vouchedBy: ["zoe@acme.example"] },
    { glass: { until: "2026-11-22T12:05:00.000Z" }, groups: [] },
    // Of one who is asked, too; over; longer ago than any glass stays broken.
    { glass: { until: "2026-11-22T11:59:59.000Z" } },
    { glass: { until: "2026-11-22T12:05:00.000Z" }, at: "2026-11-22T07:59:00.000Z" },
  ];
  const universe = askings.flatMap(({ id, from }) =>
    [requester, owner, ...others].flatMap((person) =>
      slips.map((slip) => approval(policies, id, { person, groups: [from], ...slip })),
    ),
  );
  // A text that answers the other policy, in its own group: what a quorum for another policy would be.
  const crossed = askings.flatMap(({ id }, index) => {
    const other = askings[1 - index];
    return others.map((person) =>
      approval(policies, id, { person, groups: [other?.from ?? ""], policyDigest: digests.get(other?.id ?? "") ?? "" }),
    );
  });
  const all = [...universe, ...crossed];
  yield [];
  for (const [index, one] of all.entries()) {
    yield [one];
    for (const two of all.slice(index)) {
      yield [one, two];
      yield [two, one];
    }
  }
  // What glass does shows in two of them.
  if (askings.every(({ isBreakable }) => isBreakable)) return;
  // Three and four together: everything right but for who they are and who let them in.
  const right = all.filter(
    (one) =>
      one.callDigest === callDigest &&
      one.at < at &&
      one.glass === undefined &&
      digests.get(one.policy) === one.policyDigest,
  );
  const few = right.filter(({ groups }) => groups[0] !== "nobodies");
  for (const [i, one] of few.entries())
    for (const [j, two] of few.slice(i).entries()) for (const three of few.slice(i + j)) yield [one, two, three];
}

/** The sentence, found by trying: enough approvals, no two of which one person may be behind. */
function isMet(
  { id, from, count, excluded, isBreakable }: Asking,
  approvals: readonly ApprovalFact[],
  policies: CompiledPolicies,
): boolean {
  const digest = policies.policies.find((policy) => policy.id === id)?.digest;
  const name = (address: string) => address.trim().toLowerCase();
  const ageOf = (one: ApprovalFact) => Date.parse(at) - Date.parse(one.at);
  const isOfThis = (one: ApprovalFact) =>
    one.policy === id && one.policyDigest === digest && one.callDigest === callDigest && ageOf(one) >= -5_000;
  const isBroken = approvals.some((one) => {
    const { person, vouchedBy = [], glass } = one;
    const hands = [person, ...vouchedBy].map(name);
    const isIn = glass !== undefined && at < glass.until && ageOf(one) < 4 * 3_600_000;
    return isOfThis(one) && isIn && !hands.some((hand) => [...excluded, requester].map(name).includes(hand));
  });
  if (isBreakable && isBroken) return true;
  const valid = approvals
    .filter((one) => isOfThis(one) && one.glass === undefined && one.groups.includes(from) && ageOf(one) < 3_600_000)
    .map(({ person, vouchedBy = [] }) => [person, ...vouchedBy].map(name))
    .filter((hands) => !hands.some((hand) => excluded.map(name).includes(hand)));
  // Whoever shares a hand with somebody, or with somebody who does, is one with them.
  const groups: string[][] = [];
  for (const hands of valid) {
    const same = groups.filter((group) => group.some((hand) => hands.includes(hand)));
    for (const group of same) groups.splice(groups.indexOf(group), 1);
    groups.push([...hands, ...same.flat()]);
  }
  return groups.length >= count;
}
