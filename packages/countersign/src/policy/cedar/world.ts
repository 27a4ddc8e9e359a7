import type { CedarValueJson, EntityJson, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";
import type { CedarRequest } from "../request.ts";
import { JsonRecord } from "./from-json.ts";
import { type CedarRecord, Entity } from "./value.ts";

interface Known {
  readonly uid: Entity;
  readonly attributes: CedarRecord;
  readonly tags: CedarRecord;
  readonly parents: readonly Entity[];
}

const nothing = new JsonRecord({});

/** What expressions are evaluated in: one request, and the entities that came with it. */
export class World {
  readonly principal: Entity;
  readonly action: Entity;
  readonly resource: Entity;
  readonly context: CedarRecord;
  /** For policies that are linked from a template: what stands in their slots. */
  readonly slots: ReadonlyMap<string, Entity>;
  /** As many as a request has, which are few. */
  readonly #entities: readonly Known[];

  constructor(request: CedarRequest, slots: ReadonlyMap<string, Entity> = new Map()) {
    this.principal = new Entity(request.principal.type, request.principal.id);
    this.action = new Entity(request.action.type, request.action.id);
    this.resource = new Entity(request.resource.type, request.resource.id);
    this.context = new JsonRecord(request.context as { readonly [name: string]: CedarValueJson });
    this.slots = slots;
    this.#entities = request.entities.map(knownFrom);
  }

  attributesOf(entity: Entity): CedarRecord | undefined {
    return this.#knownOf(entity)?.attributes;
  }

  tagsOf(entity: Entity): CedarRecord | undefined {
    return this.#knownOf(entity)?.tags;
  }

  /** Reflexive and transitive. An entity that nobody told of is in itself alone. */
  isIn(entity: Entity, ancestor: Entity): boolean {
    if (entity.is(ancestor)) return true;
    const parents = this.#knownOf(entity)?.parents;
    if (parents === undefined) return false;
    return isAmong(parents, ancestor) || isAmong(this.ancestorsOf(entity), ancestor);
  }

  /** One that it has in two ways may stand there twice. */
  ancestorsOf(entity: Entity): readonly Entity[] {
    const found: Entity[] = [];
    const open = [this.#knownOf(entity)];
    const seen: Known[] = [];
    for (const one of open) {
      if (one === undefined || seen.includes(one)) continue;
      seen.push(one);
      for (const parent of one.parents) {
        found.push(parent);
        open.push(this.#knownOf(parent));
      }
    }
    return found;
  }

  /** Of two that tell of the same entity the later counts. */
  #knownOf(entity: Entity): Known | undefined {
    // By hand: it is asked for at nearly every step of a policy.
    for (let at = this.#entities.length - 1; at >= 0; at--) {
      const known = this.#entities[at];
      if (known?.uid.is(entity)) return known;
    }
    return undefined;
  }
}

function isAmong(entities: readonly Entity[], one: Entity): boolean {
  return entities.some((entity) => entity.is(one));
}

function knownFrom({ uid, attrs, tags, parents }: EntityJson): Known {
  return {
    uid: entityIn(uid),
    attributes: new JsonRecord(attrs),
    tags: tags === undefined ? nothing : new JsonRecord(tags),
    parents: parents.map(entityIn),
  };
}

function entityIn(uid: EntityJson["uid"]): Entity {
  const { type, id }: TypeAndId = "__entity" in uid ? uid.__entity : uid;
  return new Entity(type, id);
}
