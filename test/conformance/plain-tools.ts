import { fromJsonSchema, type McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { audio, choicesForm, defaultsForm, embedded, image, text, wideSchema } from "./samples.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const nothing = z.object({});

/** What the fixture needs from the server around it. */
export interface FixtureHooks {
  readonly toolsChanged: () => void;
  readonly promptsChanged: () => void;
  readonly dropStream: (session: string | undefined, request: string | number) => void;
}

/** Tools that answer at once. */
export function addPlainTools(server: McpServer, hooks: FixtureHooks): void {
  const fixed = {
    test_simple_text: [text("plain words")],
    test_image_content: [image],
    test_audio_content: [audio],
    test_embedded_resource: [embedded("test://embedded-resource", "words inside a resource")],
    test_multiple_content_types: [text("three kinds"), image, embedded("test://mixed-content-resource", "third")],
    test_streaming_elicitation: [text("nothing was asked")],
  };
  for (const [name, content] of Object.entries(fixed)) {
    server.registerTool(name, { description: `Returns ${content.length} fixed part(s).` }, async () => ({ content }));
  }
  server.registerTool("test_error_handling", { description: "Always fails." }, async () => {
    throw new Error("this tool fails on purpose");
  });
  const changes = { test_trigger_tool_change: hooks.toolsChanged, test_trigger_prompt_change: hooks.promptsChanged };
  for (const [name, tell] of Object.entries(changes)) {
    server.registerTool(name, { description: "Says that a list has changed." }, async () => {
      tell();
      return { content: [text("said")] };
    });
  }
  const mirrored = fromJsonSchema<{ region?: string }>({
    type: "object",
    properties: { region: { type: "string", "x-mcp-header": "Region" }, level: { type: "integer" } },
  } as never);
  server.registerTool(
    "test_x_mcp_header",
    { description: "Mirrors one argument in a header.", inputSchema: mirrored },
    async (args) => ({
      content: [text(args.region ?? "none")],
    }),
  );
  server.registerTool(
    "json_schema_2020_12_tool",
    { description: "Has a wide schema.", inputSchema: fromJsonSchema(wideSchema) },
    async (args) => ({
      content: [text(JSON.stringify(args))],
    }),
  );
}

/** Tools that say something, or ask the client, while they run. */
export function addTalkingTools(server: McpServer, hooks: FixtureHooks): void {
  server.registerTool(
    "test_logging_tool",
    { description: "Logs where the client asked for it.", inputSchema: nothing },
    async (_args, ctx) => {
      await ctx.mcpReq.log("info", "running");
      return { content: [text("logged")] };
    },
  );
  server.registerTool(
    "test_tool_with_logging",
    { description: "Logs three times.", inputSchema: nothing },
    async (_args, ctx) => {
      for (const data of ["begun", "under way", "at the end"]) {
        await ctx.mcpReq.notify({ method: "notifications/message", params: { level: "info", data } });
        await pause(40);
      }
      return { content: [text("logged three times")] };
    },
  );
  server.registerTool(
    "test_tool_with_progress",
    { description: "Reports progress.", inputSchema: nothing },
    async (_args, ctx) => {
      const progressToken = ctx.mcpReq._meta?.progressToken;
      for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
        await ctx.mcpReq.notify({
          method: "notifications/progress",
          params: { progressToken: progressToken ?? 0, progress, total: 100 },
        });
        await pause(40);
      }
      return { content: [text(`token ${progressToken ?? "none"}`)] };
    },
  );
  server.registerTool(
    "test_reconnection",
    { description: "Drops its stream, then answers.", inputSchema: nothing },
    async (_args, ctx) => {
      hooks.dropStream(ctx.sessionId, ctx.mcpReq.id);
      await pause(100);
      return { content: [text("answered after the stream was dropped")] };
    },
  );
  const sampled = z.object({ prompt: z.string() });
  server.registerTool(
    "test_sampling",
    { description: "Asks the client's model.", inputSchema: sampled },
    async ({ prompt }, ctx) => {
      const messages = [{ role: "user" as const, content: text(prompt) }];
      const answer = await ctx.mcpReq.send({ method: "sampling/createMessage", params: { messages, maxTokens: 100 } });
      return { content: [text(JSON.stringify(answer))] };
    },
  );
  const asked = z.object({ message: z.string() });
  const responseForm = {
    type: "object" as const,
    properties: { response: { type: "string" } },
    required: ["response"],
  };
  server.registerTool(
    "test_elicitation",
    { description: "Asks the client's user.", inputSchema: asked },
    async ({ message }, ctx) => ({
      content: [
        text(
          JSON.stringify(
            await ctx.mcpReq.send({
              method: "elicitation/create",
              params: { message, requestedSchema: responseForm as never },
            }),
          ),
        ),
      ],
    }),
  );
  const forms = { test_elicitation_sep1034_defaults: defaultsForm, test_elicitation_sep1330_enums: choicesForm };
  for (const [name, requestedSchema] of Object.entries(forms)) {
    server.registerTool(
      name,
      { description: "Asks the client's user with a form.", inputSchema: nothing },
      async (_args, ctx) => {
        const params = { message: "please fill in", requestedSchema: requestedSchema as never };
        const answer = await ctx.mcpReq.send({ method: "elicitation/create", params });
        return { content: [text(`action=${answer.action} content=${JSON.stringify(answer.content ?? {})}`)] };
      },
    );
  }
}
