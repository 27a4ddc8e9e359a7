import { parseStatement } from "./bundle.ts";
import { textOf, utf8 } from "./bytes.ts";
import { compareReceipt, receiptDepth, valueAt } from "./compare-receipt.ts";
import { parseEnvelope } from "./envelope.ts";
import { Flaw, type FlawCode, type FoundFlaw } from "./flaw.ts";
import type { Json } from "./json.ts";
import { parseJson } from "./parse.ts";
import { readList, readMembers, readText } from "./shape.ts";
import { pinnedKeys, type Trust } from "./trust.ts";
import { verifyBundle } from "./verify.ts";

export const packType = "https://countersign.dev/pack/v1";

/** What the evidence of a run proves against a pinned trust. */
export interface VerifiedPack {
  readonly ok: boolean;
  readonly run: string | null;
  /** Actions whose line is here. */
  readonly actions: number;
  /** Of those, whose bundles withhold what was said: only the steps of their receipts are compared. */
  readonly withheld: number;
  /** Of the others, whose receipts leave out something of what was said: that is not compared. */
  readonly leftOut: number;
  readonly problems: readonly FoundFlaw[];
}

/** A line holds a receipt and a bundle, as text. */
export const maxPackLine = 192 * 1024 * 1024;

/**
 * Verifies the evidence of a run: line 1 is `{type, v, run, actions, trust}`, then `{action, receipt, bundle}` for each of
 * `actions`, in their order. INVARIANT: the trust that it carries is never read. Line 1 is signed by nobody: that a run had
 * no other actions is proven by the log alone.
 */
export async function verifyPack(
  lines: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  trust: Trust,
): Promise<VerifiedPack> {
  await pinnedKeys(trust);
  const problems: FoundFlaw[] = [];
  let head: Head | undefined;
  let [actions, withheld, leftOut] = [0, 0, 0];
  try {
    for await (const bytes of lines) {
      if (head === undefined) {
        head = readHead(bytes);
        continue;
      }
      const wanted = head.actions[actions];
      actions++;
      const found = await judge(bytes, { at: `line ${actions + 1}`, wanted, run: head.run }, trust);
      problems.push(...found.problems);
      if (found.withheld) withheld++;
      if (found.leftOut) leftOut++;
    }
    if (head === undefined) throw new Flaw("shape", "line 1", "the pack is empty");
  } catch (flaw) {
    if (!(flaw instanceof Flaw)) throw flaw;
    return { ok: false, run: null, actions: 0, withheld: 0, leftOut: 0, problems: [flaw.found()] };
  }
  if (actions < head.actions.length) {
    const sentence = `line 1 names ${head.actions.length} actions and ${actions} are here`;
    problems.push({ code: "size", at: `line ${actions + 2}`, sentence });
  }
  return { ok: problems.length === 0, run: head.run, actions, withheld, leftOut, problems };
}

interface Head {
  readonly run: string;
  readonly actions: readonly string[];
}

function readHead(bytes: Uint8Array): Head {
  const at = "line 1";
  const head = readMembers(readLine(bytes, at), at, ["type", "v", "run", "actions", "trust"]);
  if (head.type !== packType || head.v !== 1) throw new Flaw("shape", at, "this is not a pack of version 1");
  const actions = readList(head.actions, at).map((one) => readText(one, at));
  if (new Set(actions).size < actions.length) throw new Flaw("shape", at, "it names an action twice");
  return { run: readText(head.run, at), actions };
}

function readLine(bytes: Uint8Array, at: string): Json {
  if (bytes.length > maxPackLine) throw new Flaw("json", at, "the text is too large");
  const text = textOf(bytes);
  if (text === undefined) throw new Flaw("json", at, "the bytes are not UTF-8");
  try {
    return parseJson(text, { maxBytes: maxPackLine, maxDepth: receiptDepth });
  } catch (fault) {
    throw new Flaw("json", at, fault instanceof Error ? fault.message : "the text is not JSON");
  }
}

interface Place {
  readonly at: string;
  readonly wanted: string | undefined;
  readonly run: string;
}

interface Judged {
  readonly problems: readonly FoundFlaw[];
  readonly withheld: boolean;
  readonly leftOut: boolean;
}

async function judge(bytes: Uint8Array, { at, wanted, run }: Place, trust: Trust): Promise<Judged> {
  const bad = (problems: readonly FoundFlaw[]): Judged => ({ problems, withheld: false, leftOut: false });
  const alone = (code: FlawCode, where: string, sentence: string): Judged => bad([{ code, at: where, sentence }]);
  let line: { readonly action: string; readonly receipt: Json | undefined; readonly bundle: Uint8Array };
  try {
    const { action, receipt, bundle } = readMembers(readLine(bytes, at), at, ["action", "receipt", "bundle"]);
    line = { action: readText(action, at), receipt, bundle: utf8(readText(bundle, at)) };
  } catch (flaw) {
    if (!(flaw instanceof Flaw)) throw flaw;
    return alone(flaw.code, flaw.at, flaw.sentence);
  }
  if (line.action !== wanted)
    return alone("size", at, `line 1 names ${wanted === undefined ? "no action" : `\`${wanted}\``} for this line`);
  const verified = await verifyBundle(line.bundle, trust);
  if (!verified.ok) return bad(verified.problems.map((flaw) => ({ ...flaw, at: `${at}, ${flaw.at}` })));
  if (verified.subject !== line.action)
    return alone("subject", at, `the bundle is of \`${verified.subject}\`, not of \`${line.action}\``);
  if (verified.entries.some((entry) => (entry.run ?? "") !== run))
    return alone("subject", at, `its entries are not of the run \`${run}\``);
  if (valueAt(line.receipt, "/id") !== line.action)
    return alone("receipt", `${at}, /id`, `the receipt is not of \`${line.action}\``);
  const { entries } = parseStatement(parseEnvelope(line.bundle).payload).predicate;
  const withheld = verified.withheld.length > 0;
  const { differing, leftOut } = compareReceipt(line.receipt, entries, withheld);
  const sentence = "the receipt says something else than its bundle";
  const problems = differing.map((pointer): FoundFlaw => ({ code: "receipt", at: `${at}, ${pointer}`, sentence }));
  return { problems, leftOut, withheld };
}
