import type { BundledEntry } from "./bundle.ts";
import { canonical } from "./canonical.ts";
import type { Json, JsonObject } from "./json.ts";
import { recordedContent, recordedSteps } from "./recorded.ts";
import { documentDepth } from "./shape.ts";

/** What a receipt lies inside of: a line of a pack, and its own members. */
export const receiptDepth = documentDepth + 8;

/** What a receipt may leave out of all that is compared: its reader may not see it. */
const mayBeHidden: ReadonlySet<string> = new Set(["/what/args", "/what/result", "/what/claim", "/what/questions"]);

export interface ComparedReceipt {
  /** Members that say something else than was recorded, as JSON pointers. */
  readonly differing: readonly string[];
  /** Whether it leaves out something of what was said, and says so: that is not compared. */
  readonly leftOut: boolean;
}

/** Where a receipt says something else than its entries; where these withhold what was said, only its steps are compared. */
export function compareReceipt(
  receipt: Json | undefined,
  entries: readonly BundledEntry[],
  isWithheld: boolean,
): ComparedReceipt {
  const recorded = new Map([...recordedSteps(entries), ...(isWithheld ? [] : recordedContent(entries))]);
  const named = valueAt(receipt, "/withheld");
  const hidden = Array.isArray(named) ? named.filter((one) => typeof one === "string" && mayBeHidden.has(one)) : [];
  const differing: string[] = [];
  let leftOut = false;
  for (const [pointer, value] of recorded) {
    const said = pointer === "/what/moves" ? movesOf(receipt) : valueAt(receipt, pointer);
    if (text(said) === text(value)) continue;
    if ((said === undefined || said === null) && hidden.includes(pointer)) {
      leftOut = true;
      continue;
    }
    differing.push(pointer);
  }
  return { differing, leftOut };
}

function text(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : canonical(value, receiptDepth);
}

export function valueAt(receipt: Json | undefined, pointer: string): Json | undefined {
  let value: Json | undefined = receipt;
  for (const name of pointer.split("/").slice(1)) {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    value = isObject && Object.hasOwn(value as JsonObject, name) ? (value as JsonObject)[name] : undefined;
  }
  return value;
}

/** When each was recorded is the database's word, and stands in no leaf. */
function movesOf(receipt: Json | undefined): Json | undefined {
  const moves = valueAt(receipt, "/what/moves");
  if (!Array.isArray(moves)) return moves;
  return moves.map((move: Json) => {
    if (typeof move !== "object" || move === null || Array.isArray(move)) return move;
    const { recordedAt: _, ...step } = move as JsonObject;
    return step;
  });
}
