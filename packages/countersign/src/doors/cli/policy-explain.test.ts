import { expect, it } from "vitest";
import { paintFor } from "./paint.ts";
import { explained } from "./policy-explain.ts";

const shell = { paint: paintFor(false, {}) };
const none = { determining: [], nearMiss: [], errors: [], policySet: { revision: 0, digest: "" } };

it("an action that was refused before policy names no policy set", () => {
  const refused = explained({ ...none, effect: "deny", sentence: "refused: stopped" } as never, shell);
  expect(refused).toEqual(["deny: refused: stopped", "no policy was asked: it was refused before"]);
  const open = explained({ ...none, effect: "none", sentence: "nothing was decided" } as never, shell);
  expect(open.at(-1)).toBe("no policy was asked");
  const decided = { ...none, effect: "allow", sentence: "s", policySet: { revision: 3, digest: "sha256:ab" } };
  expect(explained(decided as never, shell).at(-1)).toBe("policy set 3, sha256:ab");
});
