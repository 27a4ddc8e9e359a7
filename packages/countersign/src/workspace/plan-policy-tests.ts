import { type Change, compare, list, namesBetween } from "./change.ts";
import type { PolicyTests } from "./policy-tests.ts";

/** What changes for tests of policies. A test that goes guards nothing any more, so a person looks at it. */
export function planPolicyTests(before: readonly PolicyTests[], after: readonly PolicyTests[]): Change[] {
  return compare(before, after, {
    kind: "policy",
    name: (tests) => tests.file,
    added: (tests) => [`${tests.cases.length} test cases`, "none"],
    removed: (tests) => [`${tests.cases.length} test cases are gone`, "unclear"],
    changed: (was, is, say) => {
      const { came, went } = namesBetween(namesOf(was), namesOf(is));
      if (came.length > 0) say(`tests ${list(came)}`);
      if (went.length > 0) say(`no longer tests ${list(went)}`, "unclear");
      if (came.length + went.length === 0) say("its cases change", "unclear");
      return ["cases"];
    },
  });
}

function namesOf(tests: PolicyTests): readonly string[] {
  return tests.cases.map((one) => one.name);
}
