import type { Json, JsonObject } from "@countersign/contract";

/** One dispatch to one upstream. The hall calls it once; nothing below it ever sends a second time. */
export interface Dispatch {
  readonly actionId: string;
  readonly server: string;
  /** JSON-RPC method: `tools/call`, `resources/read`, `prompts/get`, `completion/complete`. */
  readonly method: string;
  /** Params as the agent gave them, less credentials and protocol bookkeeping; `arguments` are the approved bytes. */
  readonly params: JsonObject;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Which upstream session to use; absent: the pooled one of this server and workflow. */
  readonly session?: string;
  readonly workflow: string;
  /** The person for whom it is done: where connections belong to people, theirs is used, and no other. */
  readonly onBehalfOf?: string;
  readonly relay?: Relay;
  /** Asked right before anything is written, because opening a way there takes time: why it may not go any more. */
  readonly whyNot?: () => string | undefined;
}

/** How messages of the upstream reach the agent while a call runs, and how the agent's answers go back. */
export interface Relay {
  notify(message: JsonObject): void;
  /** A request of the upstream to the client (sampling, elicitation, roots); resolves with the client's answer. */
  request(message: JsonObject): Promise<JsonObject>;
  /** The upstream let go of its stream and is asked again later: the door may let its caller do the same. */
  letGo?(): void;
}

/** What is certain after a dispatch. `lost` means that it was sent, or may have been, and no answer came. */
export type Answer =
  | { readonly kind: "answered"; readonly result: JsonObject }
  | {
      readonly kind: "error";
      readonly error: { readonly code: number; readonly message: string; readonly data?: Json };
    }
  | { readonly kind: "never_sent"; readonly reason: string }
  | { readonly kind: "lost"; readonly reason: string };

export interface Connector {
  call(dispatch: Dispatch): Promise<Answer>;
}
