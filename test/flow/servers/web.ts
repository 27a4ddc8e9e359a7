import { z } from "zod";
import { type ServerTools, toolOf } from "./serve.ts";

interface State {
  readonly pages: { readonly [url: string]: string };
  readonly asked: string[];
}

const tool = toolOf<State>();

/** The web as far as these sessions need it: every address that was asked for is kept, as its server would see it. */
export const web: ServerTools<State> = {
  fetch: tool("Gets a page of the web.", { url: z.string() }, (state, { url }) => {
    state.asked.push(url);
    const text = state.pages[url];
    return text === undefined ? { url, status: 404, text: "not found" } : { url, status: 200, text };
  }),
};
