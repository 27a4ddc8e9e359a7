import type { Tx } from "../db/db.ts";
import { type Clock, iso } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import { difference } from "./difference.ts";
import type { Pin } from "./pin.ts";
import { lockServer, putPin, readPins, readToolPins, setStatus } from "./sql.ts";
import type { Definition } from "./tool.ts";

/** What a person is shown before they answer: the lines of the difference, and the digest that the answer must name. */
export interface OpenReview {
  readonly server: string;
  readonly tool: string;
  readonly digest: string;
  readonly status: "changed" | "new";
  /** Digest of what is in force. */
  readonly was?: string;
  readonly lines: readonly string[];
  readonly definition: Definition;
  /** What is in force. */
  readonly before?: Definition;
  readonly seenAt: string;
}

/** Every definition that waits for a person, with its difference from the one that is in force. */
export async function listReviews(tx: Tx, server?: string): Promise<readonly OpenReview[]> {
  const pins = await readPins(tx, server);
  return pins.flatMap((pin) => {
    if (pin.status !== "changed" && pin.status !== "new") return [];
    const before = pins.find((one) => one.server === pin.server && one.tool === pin.tool && one.status === "pinned");
    return [
      {
        server: pin.server,
        tool: pin.tool,
        digest: pin.digest,
        status: pin.status,
        ...(before === undefined ? {} : { was: before.digest }),
        lines: difference(before?.definition, pin.definition),
        definition: pin.definition,
        ...(before === undefined ? {} : { before: before.definition }),
        seenAt: pin.seenAt,
      },
    ];
  });
}

export interface ReviewAnswer {
  readonly server: string;
  readonly tool: string;
  /** The digest that was shown. */
  readonly digest: string;
  readonly answer: "approve" | "reject";
  readonly by: string;
}

/** A person's word on one shown definition. `conflict` where the server lists another one by now. */
export async function review(tx: Tx, clock: Clock, given: ReviewAnswer): Promise<Pin> {
  await lockServer(tx, given.server);
  const pins = await readToolPins(tx, given.server, given.tool);
  if (pins.length === 0)
    throw new Problem("not_found", `\`${given.server}\` has never listed a tool \`${given.tool}\``);
  const shown = pins.find((pin) => pin.digest === given.digest);
  if (shown === undefined || (shown.status !== "changed" && shown.status !== "new")) {
    throw new Problem("conflict", "what was shown is not what waits for a review now", {
      help: "look at the difference again with `countersign tools review`",
    });
  }
  const reviewed = { ...shown, reviewedBy: given.by, reviewedAt: iso(clock.now()) };
  if (given.answer === "reject") {
    const rejected: Pin = { ...reviewed, status: "rejected" };
    await putPin(tx, rejected);
    return rejected;
  }
  for (const pin of pins) {
    if (pin.status === "pinned") await setStatus(tx, given.server, given.tool, pin.digest, "superseded");
  }
  const pinned: Pin = { ...reviewed, status: "pinned" };
  await putPin(tx, pinned);
  return pinned;
}
