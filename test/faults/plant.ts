// A loader that plants one bug into the product's source as it is read: `--import plant.ts` with FAULTS_BUG=<name>.
// The product itself has no switch for any of this.
import { registerHooks } from "node:module";
import { flowBugs } from "../flow/bugs.ts";
import { evaluatorBugs } from "../policy/bugs.ts";
import { quorumBugs } from "../policy/quorum-bugs.ts";
import { translationBugs } from "../policy/translation-bugs.ts";
import { bugs } from "./bugs.ts";

/** A change of one source file. */
export interface Patch {
  /** Under `packages/countersign/src`. */
  readonly file: string;
  readonly swaps: readonly (readonly [find: string, put: string])[];
}

const name = process.env.FAULTS_BUG ?? "";
const bug = [...bugs, ...evaluatorBugs, ...translationBugs, ...quorumBugs, ...flowBugs].find(
  (one) => one.name === name,
);
if (bug === undefined) throw new Error(`there is no bug \`${name}\` to plant`);
const left = new Map(bug.patches.map((patch) => [`/packages/countersign/src/${patch.file}`, patch]));

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    for (const [file, patch] of left) {
      if (!url.endsWith(file)) continue;
      left.delete(file);
      let text = String(loaded.source instanceof Uint8Array ? Buffer.from(loaded.source) : loaded.source);
      for (const [find, put] of patch.swaps) {
        const parts = text.split(find);
        if (parts.length !== 2)
          throw new Error(`bug \`${name}\`: \`${find}\` stands ${parts.length - 1} times in ${patch.file}`);
        text = parts.join(put);
      }
      return { ...loaded, source: text };
    }
    return loaded;
  },
});

/** A bug that was never read in proves nothing. */
export function planted(): void {
  if (left.size > 0) throw new Error(`bug \`${name}\` was not planted: ${[...left.keys()].join(", ")} was not loaded`);
}
