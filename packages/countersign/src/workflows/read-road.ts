import { stringify } from "yaml";
import { type Gathered, roadSentences } from "./road-sentences.ts";
import { filled, formOf } from "./road-words.ts";

/** A draft from prose: what could be read, and every sentence that could not. */
export interface RoadDraft {
  readonly draft: Gathered;
  readonly faults: readonly { readonly sentence: string; readonly help: string }[];
  /** Members that the prose names without saying them: they have to be written in the file. */
  readonly named: readonly string[];
}

/** Two paragraphs of rules of the road, back into a workflow file's members. It is a draft: `check` says what it lacks. */
export function readRoad(prose: string): RoadDraft {
  const draft: Gathered = {};
  const faults: { sentence: string; help: string }[] = [];
  const named = new Set<string>();
  for (const paragraph of prose.split(/\n[^\S\n]*\n/)) {
    const form = formOf(paragraph.replace(/[«»]/g, "").replace(/\s*\n\s*/g, " "));
    for (const text of form.text.split(/\.(?:\s+|$)/)) {
      const sentence = text.trim();
      if (sentence === "") continue;
      const kind = roadSentences.find((one) => one.form.test(sentence));
      const found = kind?.form.exec(sentence);
      if (kind === undefined || found === undefined || found === null) {
        faults.push({ sentence: filled(sentence, form), help: nearest(sentence) });
        continue;
      }
      kind.read(found, form, draft);
      if (kind.only !== undefined) named.add(kind.only);
    }
  }
  return { draft, faults, named: [...named] };
}

/** The draft as the text of a workflow file. */
export function roadFile({ draft, named }: RoadDraft): string {
  const lacks = named.map((member) => `# ${member}: named in the prose, to be written here\n`).join("");
  return `${lacks}${stringify(draft, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

/** The form whose words this sentence shares most. */
function nearest(sentence: string): string {
  const words = new Set(sentence.toLowerCase().match(/[a-z]{3,}/g) ?? []);
  const shared = (like: string): number =>
    (like.toLowerCase().match(/[a-z]{3,}/g) ?? []).filter((word) => words.has(word)).length;
  const [best] = roadSentences.toSorted((one, other) => shared(other.like) - shared(one.like));
  return best === undefined || shared(best.like) === 0
    ? "no sentence of these rules is like it"
    : `such as: ${best.like}.`;
}
