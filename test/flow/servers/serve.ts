import { readFileSync, writeFileSync } from "node:fs";
import type { JsonObject } from "@countersign/contract";
import { McpServer } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

/** What a server says no to; the caller gets it as an answer that is an error. */
export class Refused extends Error {}

/** One tool over a state of its server's own. */
export interface ServerTool<State> {
  readonly description: string;
  readonly input: z.ZodObject;
  readonly run: (state: State, args: never) => JsonObject;
}

export type ServerTools<State> = { readonly [name: string]: ServerTool<State> };

/** Names the state once, and takes each tool's arguments from its schema. */
export function toolOf<State>() {
  return <Shape extends z.ZodRawShape>(
    description: string,
    shape: Shape,
    run: (state: State, args: z.infer<z.ZodObject<Shape>>) => JsonObject,
  ): ServerTool<State> => ({ description, input: z.object(shape), run: run as ServerTool<State>["run"] });
}

/** Serves the tools over stdio. No answer of a write repeats what the caller chose, so that it can be trusted. The state is one JSON file, read at the start and written after each call that changed it. */
export async function serve<State>(name: string, tools: ServerTools<State>, file: string): Promise<void> {
  let kept = readFileSync(file, "utf8");
  const state = JSON.parse(kept) as State;
  const server = new McpServer({ name, version: "1.0.0" });
  for (const [tool, { description, input, run }] of Object.entries(tools)) {
    server.registerTool(tool, { description, inputSchema: input }, async (args) => {
      try {
        const structuredContent = run(state, args as never);
        const text = JSON.stringify(state, null, 1);
        if (text !== kept) writeFileSync(file, text);
        kept = text;
        return { content: [{ type: "text" as const, text: JSON.stringify(structuredContent) }], structuredContent };
      } catch (thrown) {
        if (!(thrown instanceof Refused)) throw thrown;
        return { content: [{ type: "text" as const, text: thrown.message }], isError: true };
      }
    });
  }
  await server.connect(new StdioServerTransport());
}

/** The record of that id, or a refusal that names it. */
export function found<T>(records: { readonly [id: string]: T }, id: string, kind: string): T {
  const record = Object.hasOwn(records, id) ? records[id] : undefined;
  if (record === undefined) throw new Refused(`there is no ${kind} ${id}`);
  return record;
}

/** A text in which each word of the query occurs. */
export function matches(query: string, ...texts: readonly string[]): boolean {
  const all = texts.join(" ").toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
