import type { Patch } from "../faults/plant.ts";

/** A bug that counting approvals could have: exploring every small world must find each. */
export const quorumBugs: readonly { readonly name: string; readonly patches: readonly Patch[] }[] = [
  bug("quorum: another policy's approvals count", "quorum.ts", "approval.policy === quorum.policy &&", ""),
  bug("quorum: approvals of an older text count", "quorum.ts", "approval.policyDigest === quorum.policyDigest &&", ""),
  bug("quorum: approvals of another call count", "quorum.ts", "approval.callDigest === quorum.callDigest &&", ""),
  bug("quorum: whoever answers counts", "quorum.ts", "approval.groups.includes(quorum.from) &&", ""),
  bug("quorum: the excluded count", "quorum.ts", ".filter(({ hands }) => excluded.isDisjointFrom(hands))", ""),
  bug(
    "quorum: whoever let a login in is somebody else",
    "quorum.ts",
    "new Set([name, ...vouchedBy].map(person))",
    "new Set(vouchedBy.length < 0 ? [] : [person(name)])",
  ),
  bug(
    "quorum: one person counts twice",
    "quorum.ts",
    'hands.isDisjointFrom(one.hands) ? "others" : "same"',
    'hands.size < 0 ? "same" : "others"',
  ),
  bug("quorum: an approval never grows old", "quorum.ts", "ageMs < quorum.validMs", "true"),
  bug("quorum: an approval may come from the future", "quorum.ts", "ageMs >= -skewMs &&", ""),
  bug("quorum: one fewer is enough", "quorum.ts", "needed - counted.length", "needed - 1 - counted.length"),
  bug("quorum: capital letters are another person", "quorum.ts", "address.trim().toLowerCase()", "address.trim()"),
  bug("quorum: whoever broke the glass is one of several", "quorum.ts", "approval.glass === undefined &&", ""),
  bug("quorum: glass stays broken", "quorum.ts", 'atMs < Date.parse(glass?.until ?? "") && ', ""),
  bug("quorum: glass stays broken for a day", "quorum.ts", "4 * 3_600_000", "24 * 3_600_000"),
  bug("quorum: whoever asks breaks the glass", "cure.ts", 'neverAlone: excluded(["requester"], input.principal),', ""),
  bug("quorum: the excluded break the glass", "quorum.ts", " && never.isDisjointFrom(handsOf(one))", ""),
  bug("quorum: every glass can be broken", "quorum.ts", "if (quorum.isBreakable !== true) return undefined;", ""),
  bug(
    "quorum: the owner is excluded in place of the requester",
    "cure.ts",
    '(who === "owner" ? [owner] : requester)',
    "[owner]",
  ),
  bug(
    "quorum: what a caller says of cures is believed",
    "question.ts",
    "const ids = cured.map((policy) => policy.id);",
    "const ids = [...cured.map((policy) => policy.id), ...input.facts.cured];",
  ),
];

function bug(name: string, file: string, find: string, put: string) {
  return { name, patches: [{ file: `policy/${file}`, swaps: [[find, put]] as const }] };
}
