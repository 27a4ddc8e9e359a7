import { metaKeys, objectAt, type RpcMessage, rpcCodes } from "../../execution/mcp/index.ts";
import type { Accepts } from "./guard.ts";
import { answerModern, guardModern } from "./modern.ts";
import { modernOutlet, writeEmpty } from "./outlet.ts";
import { asRejection, noLonger, Rejection } from "./rejection.ts";
import { answer, base, type Visit } from "./visit.ts";

/** One POST of the stateless revision. */
export async function onModern(visit: Visit, message: RpcMessage, accepted: Accepts): Promise<void> {
  const { request, response, stay } = visit;
  if (message.kind === "notification") {
    writeEmpty(response, 202);
    return;
  }
  if (message.kind !== "request")
    throw new Rejection(400, rpcCodes.invalidRequest, "a client of this revision sends no responses");
  const outlet = modernOutlet(response, accepted.stream);
  // Closing the stream is this revision's way to cancel.
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  const { end } = stay;
  stay.end = () => {
    // There is no coming back for the rest: a stream ends with an answer. What was sent is not called off by it.
    if (response.headersSent) outlet.finish(message.id, { error: asRejection(noLonger()).error });
    else end();
    if (!stay.isBegun) gone.abort();
  };
  stay.isBegun = message.method !== "subscriptions/listen";
  await answer(visit, message, outlet, async () => {
    guardModern(request, message.method, message.params);
    const meta = objectAt(message.params, "_meta");
    const client = { capabilities: objectAt(meta, metaKeys.capabilities), client: objectAt(meta, metaKeys.client) };
    return answerModern(request, { ...base(visit, message, outlet), ...client, era: "modern", signal: gone.signal });
  });
}
