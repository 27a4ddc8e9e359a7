import {
  acceptedContent,
  inputRequired,
  type McpServer,
  ResourceTemplate,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { embedded, image, png, text } from "./samples.ts";

export function addResources(server: McpServer): void {
  const plain = { "test://static-text": "static words", "test://watched-resource": "watched words" };
  for (const [uri, words] of Object.entries(plain)) {
    server.registerResource(uri.slice(7), uri, { description: "A fixed page.", mimeType: "text/plain" }, async () => ({
      contents: [{ uri, mimeType: "text/plain", text: words }],
    }));
  }
  const binary = "test://static-binary";
  server.registerResource(
    "static-binary",
    binary,
    { description: "A fixed picture.", mimeType: "image/png" },
    async () => ({
      contents: [{ uri: binary, mimeType: "image/png", blob: png }],
    }),
  );
  const template = new ResourceTemplate("test://template/{id}/data", { list: undefined });
  server.registerResource(
    "template",
    template,
    { description: "A page for each id.", mimeType: "application/json" },
    async (uri, { id }) => ({
      contents: [{ uri: uri.toString(), mimeType: "application/json", text: JSON.stringify({ id }) }],
    }),
  );
}

const user = <C>(content: C) => ({ role: "user" as const, content });

export function addPrompts(server: McpServer): void {
  server.registerPrompt("test_simple_prompt", { description: "Without arguments." }, async () => ({
    messages: [user(text("say hello"))],
  }));
  const two = z.object({ arg1: z.string(), arg2: z.string() });
  server.registerPrompt(
    "test_prompt_with_arguments",
    { description: "With two arguments.", argsSchema: two },
    async ({ arg1, arg2 }) => ({
      messages: [user(text(`first ${arg1}, second ${arg2}`))],
    }),
  );
  const one = z.object({ resourceUri: z.string() });
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "With a page inside.", argsSchema: one },
    async ({ resourceUri }) => ({
      messages: [user(embedded(resourceUri, "page inside a prompt")), user(text("read the page"))],
    }),
  );
  server.registerPrompt("test_prompt_with_image", { description: "With a picture inside." }, async () => ({
    messages: [user(image), user(text("look at the picture"))],
  }));
  server.registerPrompt(
    "test_input_required_result_prompt",
    { description: "Needs input first." },
    async (first: unknown) => {
      const ctx = first as ServerContext;
      const about = acceptedContent<{ context: string }>(ctx.mcpReq.inputResponses, "user_context")?.context;
      if (typeof about === "string") return { messages: [user(text(`about ${about}`))] };
      const requestedSchema = {
        type: "object",
        properties: { context: { type: "string" } },
        required: ["context"],
      } as never;
      return inputRequired({
        inputRequests: { user_context: inputRequired.elicit({ message: "what is it about?", requestedSchema }) },
      });
    },
  );
}
