import type { CedarValueJson, EntityJson, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";
import type { CedarRequest } from "../request.ts";
import { JsonRecord } from "./from-json.ts";
import { type CedarRecord, Entity } from "./value.ts";

interface Known {
  readonly attributes: CedarRecord;
  readonly tags: CedarRecord;
  readonly parents: readonly string[];
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
  readonly #entities = new Map<string, Known>();

  constructor(request: CedarRequest, slots: ReadonlyMap<string, Entity> = new Map()) {
    this.principal = new Entity(request.principal.type, request.principal.id);
    this.action = new Entity(request.action.type, request.action.id);
    this.resource = new Entity(request.resource.type, request.resource.id);
    this.context = new JsonRecord(request.context as { readonly [name: string]: CedarValueJson });
    this.slots = slots;
    for (const entity of request.entities) this.#entities.set(keyIn(entity.uid), knownFrom(entity));
  }

  attributesOf(entity: Entity): CedarRecord | undefined {
    return this.#entities.get(entity.key)?.attributes;
  }

  tagsOf(entity: Entity): CedarRecord | undefined {
    return this.#entities.get(entity.key)?.tags;
  }

  /** Reflexive and transitive. An entity that nobody told of is in itself alone. */
  isIn(entity: Entity, ancestor: Entity): boolean {
    if (entity.key === ancestor.key) return true;
    const parents = this.#entities.get(entity.key)?.parents;
    if (parents === undefined) return false;
    return parents.includes(ancestor.key) || this.ancestorsOf(entity).has(ancestor.key);
  }

  ancestorsOf(entity: Entity): ReadonlySet<string> {
    const found = new Set<string>();
    const open = [entity.key];
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      for (const parent of this.#entities.get(key)?.parents ?? []) {
        if (found.has(parent)) continue;
        found.add(parent);
        open.push(parent);
      }
    }
    return found;
  }
}

function knownFrom({ attrs, tags, parents }: EntityJson): Known {
  return {
    attributes: new JsonRecord(attrs),
    tags: tags === undefined ? nothing : new JsonRecord(tags),
    parents: parents.map(keyIn),
  };
}

function keyIn(uid: EntityJson["uid"]): string {
  const { type, id }: TypeAndId = "__entity" in uid ? uid.__entity : uid;
  return `${type}\0${id}`;
}
