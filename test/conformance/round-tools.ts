import { randomBytes, randomUUID } from "node:crypto";
import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  type InputRequests,
  type InputRequiredResult,
  inputRequired,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { confirmForm, nameForm, text } from "./samples.ts";

type Round = { readonly tool: string; readonly round: number; readonly nonce: string };

/** States between rounds are sealed with a key of this process. */
export const states = createRequestStateCodec<Round>({ key: new Uint8Array(randomBytes(32)) });
const mint = (tool: string, round: number) => states.mint({ tool, round, nonce: randomUUID() });

const askName = () => inputRequired.elicit({ message: "who is asking?", requestedSchema: nameForm as never });
const askConfirm = () => inputRequired.elicit({ message: "is that right?", requestedSchema: confirmForm as never });
const askModel = (question: string) =>
  inputRequired.createMessage({ messages: [{ role: "user", content: text(question) }], maxTokens: 50 });

type Step = (ctx: ServerContext) => Promise<CallToolResult | InputRequiredResult>;
const said = (words: string): CallToolResult => ({ content: [text(words)] });
const named = (ctx: ServerContext, key: string) =>
  acceptedContent<{ name: string }>(ctx.mcpReq.inputResponses, key)?.name;
const given = (ctx: ServerContext, key: string) =>
  ctx.mcpReq.inputResponses?.[key] as Record<string, unknown> | undefined;

const steps: Record<string, Step> = {
  async test_missing_capability(ctx) {
    return given(ctx, "word") === undefined
      ? inputRequired({ inputRequests: { word: askModel("say one word") } })
      : said("a word came");
  },
  async test_input_required_result_elicitation(ctx) {
    const name = named(ctx, "user_name");
    return typeof name === "string"
      ? said(`it is ${name}`)
      : inputRequired({ inputRequests: { user_name: askName() } });
  },
  async test_input_required_result_sampling(ctx) {
    const answer = given(ctx, "capital_question");
    return answer === undefined
      ? inputRequired({ inputRequests: { capital_question: askModel("which city is the capital of France?") } })
      : said(JSON.stringify(answer));
  },
  async test_input_required_result_list_roots(ctx) {
    const roots = given(ctx, "client_roots")?.roots;
    return Array.isArray(roots)
      ? said(JSON.stringify(roots))
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  },
  async test_input_required_result_request_state(ctx) {
    const state = ctx.mcpReq.requestState<Round>();
    if (state !== undefined && acceptedContent(ctx.mcpReq.inputResponses, "confirm") !== undefined)
      return said("state-ok");
    return inputRequired({ inputRequests: { confirm: askConfirm() }, requestState: await mint("request_state", 1) });
  },
  async test_input_required_result_tampered_state(ctx) {
    const state = ctx.mcpReq.requestState<Round>();
    if (state !== undefined && acceptedContent(ctx.mcpReq.inputResponses, "confirm") !== undefined)
      return said("integrity-ok");
    return inputRequired({ inputRequests: { confirm: askConfirm() }, requestState: await mint("tampered_state", 1) });
  },
  async test_input_required_result_multiple_inputs(ctx) {
    const all = [named(ctx, "user_name"), given(ctx, "greeting"), given(ctx, "client_roots")];
    if (all.every((answer) => answer !== undefined)) return said(JSON.stringify(all));
    const inputRequests = {
      user_name: askName(),
      greeting: askModel("greet"),
      client_roots: inputRequired.listRoots(),
    };
    return inputRequired({ inputRequests, requestState: await mint("multiple_inputs", 1) });
  },
  async test_input_required_result_multi_round(ctx) {
    const round = ctx.mcpReq.requestState<Round>()?.round ?? 0;
    if (round >= 2) return said("both rounds are done");
    const key = `step${round + 1}`;
    return inputRequired({ inputRequests: { [key]: askName() }, requestState: await mint("multi_round", round + 1) });
  },
  async test_input_required_result_capabilities(ctx) {
    if (ctx.mcpReq.inputResponses !== undefined) return said("answered");
    const can = (ctx.mcpReq.envelope as Record<string, Record<string, unknown> | undefined> | undefined)?.[
      CLIENT_CAPABILITIES_META_KEY
    ];
    const inputRequests: InputRequests = {
      ...(can?.elicitation === undefined ? {} : { user_name: askName() }),
      ...(can?.sampling === undefined ? {} : { greeting: askModel("greet") }),
      ...(can?.roots === undefined ? {} : { client_roots: inputRequired.listRoots() }),
    };
    return Object.keys(inputRequests).length === 0 ? said("nothing can be asked") : inputRequired({ inputRequests });
  },
};

/** Tools that need several rounds with the client. */
export function addRoundTools(server: McpServer): void {
  for (const [name, step] of Object.entries(steps)) {
    server.registerTool(name, { description: "Needs input of the client.", inputSchema: z.object({}) }, (_args, ctx) =>
      step(ctx),
    );
  }
}
