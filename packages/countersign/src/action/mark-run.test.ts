import { describe, expect, it } from "vitest";
import { Families, taskWords } from "../flow/index.ts";
import type { Call } from "./call.ts";
import type { Considered } from "./consider.ts";
import { keepAnswer } from "./mark-run.ts";
import type { Parts } from "./parts.ts";
import type { Settled } from "./settle.ts";

/** What a later call is told of an address that a trusted tool's answer held. */
function originAfter(record: object): string {
  const families = new Families();
  const result = { integrity: "trusted", confidentiality: "internal", fields: [] } as const;
  const flow = { effect: "read", destinations: [], result } as const;
  const call = {
    id: "act_1",
    caller: { workflow: "support" },
    tool: { id: "mail.send" },
    run: { id: "run_1", root: "run_1" },
    classified: { flow },
  } as unknown as Call;
  const considered = { input: { facts: { approvals: [] } } } as unknown as Considered;
  keepAnswer({ families } as unknown as Parts, call, considered, { record } as unknown as Settled);
  return families.of("run_1").originOf({ at: "args.to", value: "evil@x.example" }, taskWords([], {}), "mail.send");
}

describe("an answer of a trusted tool", () => {
  const said = { content: [{ type: "text", text: "nobody is called evil@x.example here" }] };

  it("is trusted, and is not where the server calls it an error: that repeats what the call said", () => {
    expect(originAfter({ kind: "answered", result: said, isError: false })).toBe("trusted");
    expect(originAfter({ kind: "answered", result: said, isError: true })).toBe("untrusted");
    expect(originAfter({ kind: "error", error: { code: -32602, message: "no evil@x.example here" } })).toBe(
      "untrusted",
    );
  });
});
