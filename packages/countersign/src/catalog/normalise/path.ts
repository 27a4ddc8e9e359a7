import { foldersOf, normalisePath, parsePath } from "../place.ts";
import { inAll, type Normaliser, requireSmall, setOf, textsOf, Unclean } from "./shape.ts";

/** One path, or a list of them, absolute and without detours. Lexical: it does not know symbolic links. */
export const path: Normaliser = {
  takes: ["string", "array"],
  shape: {
    paths: "texts",
    within: "texts",
    touches: "texts",
    segments: "texts",
    names: "texts",
    extensions: "texts",
    climbs: "boolean",
    count: "long",
  },
  read(value, { base, closed = false }) {
    const texts = textsOf(value);
    const climbs = texts.some((text) => text.split("/").includes(".."));
    // Above a repository there is nothing, and what a server makes of a path that goes there nobody knows.
    if (closed && climbs) throw new Unclean("it climbs out of where it begins");
    const all = texts.map((text) => {
      const normal = normalisePath(text, base);
      if (normal === undefined) throw new Unclean("it is no path that every program reads alike");
      return parsePath(normal);
    });
    requireSmall(
      all.map((one) => one.path),
      "/",
    );
    const above = all.map((one) => foldersOf(one.path));
    const segments = all.flatMap((one) => one.path.split("/").filter((segment) => segment !== ""));
    const touched = above.flat();
    return {
      paths: setOf(all.map((one) => one.path)),
      within: inAll(above),
      // For forbids, so in lower case as well: a file system may ignore case.
      touches: setOf([...touched, ...touched.map((one) => one.toLowerCase())]),
      segments: setOf([...segments, ...segments.map((one) => one.toLowerCase())]),
      names: setOf(all.map((one) => one.name)),
      extensions: setOf(all.map((one) => one.extension).filter((one) => one !== "")),
      climbs,
      count: new Set(all.map((one) => one.path)).size,
    };
  },
};
