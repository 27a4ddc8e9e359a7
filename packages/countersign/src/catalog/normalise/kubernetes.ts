import type { Json, JsonObject } from "@countersign/contract";
import { ambiguous, manifest } from "./manifest.ts";
import { isRecord, type Normaliser, setOf, Unclean } from "./shape.ts";

const mostObjects = 5_000;
const deepest = 64;

/** Members that are looked for by name. A reader that ignores case would see one in `Privileged`, so that is no value. */
const watched = new Set(
  "apiVersion kind metadata items image privileged hostPath hostNetwork hostPID hostIPC capabilities containers initContainers ephemeralContainers".split(
    " ",
  ),
);
const folded = new Map([...watched].map((name) => [name.toLowerCase(), name]));

interface Seen {
  readonly images: Set<string>;
  readonly capabilities: Set<string>;
  privileged: boolean;
  hostPath: boolean;
  hostNetwork: boolean;
  hostNamespaces: boolean;
}

/** Kubernetes objects: one, a list, or a text of YAML or JSON with any number of documents. */
export const kubernetes: Normaliser = {
  takes: ["string", "object", "array"],
  shape: {
    kinds: "texts",
    groups: "texts",
    namespaces: "texts",
    names: "texts",
    objects: "texts",
    images: "texts",
    capabilities: "texts",
    namespaced: "boolean",
    privileged: "boolean",
    hostPath: "boolean",
    hostNetwork: "boolean",
    hostNamespaces: "boolean",
    count: "long",
  },
  read(value) {
    const objects = objectsIn(value);
    const seen: Seen = {
      images: new Set(),
      capabilities: new Set(),
      privileged: false,
      hostPath: false,
      hostNetwork: false,
      hostNamespaces: false,
    };
    const all = objects.map(identity);
    for (const object of objects) look(object, deepest, seen);
    const { images, capabilities, ...flags } = seen;
    return {
      kinds: setOf(all.map((one) => one.kind)),
      groups: setOf(all.map((one) => one.group)),
      namespaces: setOf(all.flatMap((one) => one.namespace ?? [])),
      names: setOf(all.flatMap((one) => one.name ?? [])),
      objects: setOf(all.map((one) => `${one.kind}/${one.namespace ?? ""}/${one.name ?? ""}`)),
      images: setOf(images),
      capabilities: setOf(capabilities),
      namespaced: all.every((one) => one.namespace !== undefined),
      ...flags,
      count: all.length,
    };
  },
};

function objectsIn(value: Json): readonly JsonObject[] {
  const found: JsonObject[] = [];
  const queue: Json[] = typeof value === "string" ? [...manifest(value)] : Array.isArray(value) ? [...value] : [value];
  for (let at = 0; at < queue.length; at++) {
    const one = queue[at];
    if (!isRecord(one) || queue.length > mostObjects) throw new Unclean("it is no Kubernetes object, or too many");
    // Of a list, too: a reader that ignores case would take `Items` for what it holds.
    for (const name of Object.keys(one)) requireCase(name);
    if (one.items === undefined) {
      found.push(one);
      continue;
    }
    // Clients take any object with `items`, whatever its kind, for a list, and send what stands in it.
    if (typeof one.kind !== "string" || !one.kind.endsWith("List"))
      throw new Unclean("it has `items` and its kind is no list");
    if (!Array.isArray(one.items)) throw new Unclean("its `items` are no list");
    for (const item of one.items as readonly Json[]) queue.push(item);
  }
  if (found.length === 0) throw new Unclean("there is no Kubernetes object in it");
  return found;
}

function identity(object: JsonObject) {
  const version = text(object.apiVersion, /^(?:[a-z0-9.-]{1,253}\/)?v[a-z0-9]{1,30}$/, "apiVersion");
  const kind = text(object.kind, /^[A-Z][A-Za-z0-9]{0,62}$/, "kind");
  if (version === undefined || kind === undefined) throw new Unclean("it has no `apiVersion` or no `kind`");
  const { metadata = {} } = object;
  if (!isRecord(metadata)) throw new Unclean("its `metadata` is no object");
  for (const name of Object.keys(metadata))
    if (name !== name.toLowerCase() ? /^name(?:space)?$/i.test(name) : false)
      throw new Unclean("a member is written in another case");
  return {
    kind,
    group: version.includes("/") ? version.slice(0, version.indexOf("/")) : "",
    namespace: text(metadata.namespace, /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "namespace"),
    name: text(metadata.name, /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$/, "name"),
  };
}

function text(value: Json | undefined, form: RegExp, what: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" || !form.test(value)) throw new Unclean(`its \`${what}\` is no plain name`);
  return value;
}

/** Whatever a controller could take for a part of a pod counts, wherever it stands. */
function look(value: Json, depth: number, seen: Seen): void {
  if (typeof value !== "object" || value === null) return;
  if (depth === 0) throw new Unclean("it is nested too deeply");
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) look(item, depth - 1, seen);
    return;
  }
  const object = value as JsonObject;
  const contents = object.apiVersion === "v1" && (object.kind === "ConfigMap" || object.kind === "Secret");
  for (const [name, inner] of Object.entries(object)) {
    if (contents && /^(?:data|stringData|binaryData)$/.test(name)) continue;
    requireCase(name);
    if (name === "capabilities") added(inner, seen);
    if (name === "image") image(inner, seen);
    // Anything but a plain false: `yes` and `1` are true to some readers.
    const on = inner !== null && inner !== false;
    if (name === "privileged" && on) seen.privileged = true;
    if (name === "hostPath" && on) seen.hostPath = true;
    if (name === "hostNetwork" && on) seen.hostNetwork = true;
    if ((name === "hostPID" || name === "hostIPC") && on) seen.hostNamespaces = true;
    look(inner, depth - 1, seen);
  }
}

function requireCase(name: string): void {
  const meant = folded.get(name.toLowerCase());
  if (meant !== undefined && meant !== name) throw new Unclean("a member is written in another case");
}

/** What a container may do beside what its image does by itself: `SYS_ADMIN`, however a runtime would take it. */
function added(value: Json, seen: Seen): void {
  if (!isRecord(value)) return;
  for (const [name, list] of Object.entries(value)) {
    if (name.toLowerCase() !== "add" || list === null) continue;
    if (name !== "add" || !Array.isArray(list)) throw new Unclean("its `capabilities` add no list");
    for (const one of list as readonly Json[]) {
      if (typeof one !== "string" || !/^[A-Za-z_]{1,64}$/.test(one))
        throw new Unclean("its `capabilities` are no plain names");
      seen.capabilities.add(one.toUpperCase().replace(/^CAP_/, ""));
    }
  }
}

function image(value: Json, seen: Seen): void {
  if (typeof value !== "string") return;
  if (value === ambiguous || !/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,511}$/.test(value))
    throw new Unclean("its `image` is no plain name");
  seen.images.add(value);
}
