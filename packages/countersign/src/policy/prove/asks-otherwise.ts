import type { Verb } from "@countersign/contract";
import type { Cure } from "../cure.ts";
import type { Gate } from "./gate.ts";
import type { Plain, RecordSymbol } from "./symbol.ts";
import { type Formula, str } from "./term.ts";
import type { Translation } from "./translate.ts";

type Asking = Gate["asking"];

/** Some policy asks in one set alone, or for something else than in the other. */
export function asksOtherwise(translation: Translation, verb: Verb, old: Asking, young: Asking): Formula {
  const { terms } = translation;
  const ids = new Set([...old, ...young].map(({ policy }) => policy.id));
  return terms.or(
    ...[...ids].map((id) => {
      const [one, other] = [old, young].map((side) => side.find(({ policy }) => policy.id === id));
      const [was, is] = [one?.holds ?? terms.no, other?.holds ?? terms.no];
      const differ = asksForOther(translation, verb, one?.policy.cure, other?.policy.cure);
      return terms.or(terms.not(terms.iff(was, is)), terms.and(was, is, differ));
    }),
  );
}

/** Where two cures ask for something else. What asks for a passkey anyway, and what never does, is the same either way. */
function asksForOther(translation: Translation, verb: Verb, one: Cure | undefined, other: Cure | undefined): Formula {
  const { terms } = translation;
  const [was, is] = [split(one), split(other)];
  if (JSON.stringify(was.rest) !== JSON.stringify(is.rest)) return terms.yes;
  if (was.passkey === is.passkey) return terms.no;
  const signed = ({ passkey }: Split): Formula => {
    if (passkey === undefined) return isFinal(translation, verb);
    return passkey === "always" ? terms.yes : terms.no;
  };
  return terms.not(terms.iff(signed(was), signed(is)));
}

interface Split {
  readonly passkey?: "always" | "never";
  readonly rest: unknown;
}

function split(cure: Cure | undefined): Split {
  if (cure?.kind !== "approval") return { rest: cure };
  const { passkey, ...rest } = cure;
  return { rest, ...(passkey === undefined ? {} : { passkey }) };
}

/** What nothing undoes, done in production: there a policy that says nothing of a passkey takes one, as `cure.ts` has it. */
function isFinal({ terms, world }: Translation, verb: Verb): Formula {
  if (verb !== "execute") return terms.no;
  const target = world.entities.find(({ is }) => is === world.resource);
  const production = inside(target?.attributes, "environment", "production");
  const reversal = inside(world.context, "facts", "reversal");
  if (production?.kind !== "bool" || reversal?.kind !== "string") throw new Error("every request says both");
  return terms.and(production.is, terms.not(terms.equal(reversal.is, str("plan"))));
}

function inside(record: RecordSymbol | undefined, group: string, name: string): Plain | undefined {
  const within = record?.get(group)?.value.choices[0]?.what;
  return within?.kind === "record" ? within.get(name)?.value.choices[0]?.what : undefined;
}
