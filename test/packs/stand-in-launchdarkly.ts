import { type Asked, collection, missing, type Service, stateOf, type Thing } from "./stand-in.ts";

export function launchdarkly(): Service {
  const flags = new Map<string, Thing>();
  const variations = new Map<string, Thing>();
  const config = (key: string, name: string): Thing => ({
    key,
    name,
    description: "d",
    tags: ["x"],
    mode: "completion",
    version: 1,
    createdAt: 1,
    updatedAt: 1,
    variations: [],
  });
  const configs = new Map<string, Thing>([["c", config("c", "n")]]);
  const answer = (asked: Asked) => {
    const key = String(asked.body.key ?? "");
    const name = String(asked.body.name ?? "");
    const [, flag] = /^\/api\/v2\/flags\/[^/]+(?:\/([^/]+))?$/.exec(asked.path) ?? [];
    if (asked.path.startsWith("/api/v2/flags/")) {
      const shape = {
        kind: "boolean",
        creationDate: 1,
        variations: [],
        temporary: true,
        tags: [],
        archived: false,
        includeInSnippet: false,
        _version: 1,
      };
      const made = {
        key,
        name,
        ...shape,
        _links: {},
        experiments: { baselineIdx: 0, items: [] },
        customProperties: {},
        environments: {},
      };
      return collection(flags, asked, flag ?? "", key, made);
    }
    const [, of = "", sub, variation = ""] =
      /\/ai-configs(?:\/([^/]+)(?:\/(variations)(?:\/([^/]+))?)?)?$/.exec(asked.path) ?? [];
    if (sub !== undefined)
      return collection(variations, asked, variation, key, {
        key,
        name,
        createdAt: 1,
        version: 1,
        messages: [],
        model: {},
        _id: "v",
      });
    return asked.path.includes("/ai-configs") ? collection(configs, asked, of, key, config(key, name)) : missing(asked);
  };
  return { state: () => stateOf({ flags, configs, variations }), answer };
}
