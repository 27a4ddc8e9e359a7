import { Problem } from "../floor/problem.ts";
import { type Anchor, anchorLine, noteIn } from "./anchor.ts";
import { askPlace } from "./ask-place.ts";

/**
 * An address that keeps what is posted to it and gives the last of it back: one JSON line a checkpoint, as in a file.
 * Nothing there yet is 404, 204 or an empty answer.
 */
export function httpAnchor(url: string, everyMs?: number): Anchor {
  return {
    name: `http ${url}`,
    ...(everyMs === undefined ? {} : { everyMs }),
    async last() {
      const { status, body } = await askPlace(url, { method: "GET", headers: { accept: "application/json" } }).catch(
        (cause: unknown) => {
          throw unreachable(url, cause instanceof Problem ? cause.detail : "it cannot be reached", cause);
        },
      );
      if (status === 404 || status === 204) return null;
      if (status !== 200) throw unreachable(url, `it answers ${status}`);
      const text = body.toString("utf8").trim();
      if (text === "") return null;
      const note = noteIn(text);
      if (note === undefined) throw unreachable(url, "what it holds is no checkpoint");
      return note;
    },
    async publish(note, size, rollback) {
      const body = anchorLine(note, size, rollback);
      const { status } = await askPlace(url, { method: "POST", headers: { "content-type": "application/json" }, body });
      if (status < 200 || status > 299) throw new Problem("unavailable", `it answers ${status}`);
    },
  };
}

function unreachable(url: string, why: string, cause?: unknown): Problem {
  return new Problem("unavailable", `the anchor \`http ${url}\` cannot be asked what it has seen: ${why}`, {
    help: "nothing is signed before it was asked; bring it back, or take it out of `countersign.yaml` with a second person",
    ...(cause === undefined ? {} : { cause }),
  });
}
