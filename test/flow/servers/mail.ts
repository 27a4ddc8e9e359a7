import { z } from "zod";
import { found, matches, type ServerTools, toolOf } from "./serve.ts";

interface Mail {
  readonly from: string;
  readonly fromName: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly body: string;
  readonly attachments?: readonly string[];
}

type Draft = {
  readonly key: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly body: string;
};

interface State {
  readonly inbox: { [id: string]: Mail };
  drafts: Draft[];
  readonly sent: object[];
  forwarding: string;
}

const tool = toolOf<State>();
const id = z.string();
const to = z.array(z.string()).min(1);
const written = { to, subject: z.string(), body: z.string() };

/** A mailbox: anybody can write to it. */
export const mail: ServerTools<State> = {
  search_mail: tool("Finds mails by words in them.", { query: z.string() }, ({ inbox }, { query }) => ({
    mails: Object.entries(inbox)
      .filter(([, one]) => matches(query, one.from, one.fromName, one.subject, one.body))
      .map(([id, { from, fromName, subject }]) => ({ id, from, fromName, subject })),
  })),
  read_mail: tool("Reads a mail.", { id }, ({ inbox }, { id }) => ({ id, ...found(inbox, id, "mail") })),
  send: tool(
    "Sends a mail.",
    { ...written, cc: z.array(z.string()).optional(), bcc: z.array(z.string()).optional() },
    (state, args) => {
      state.sent.push(args);
      return { sent: args.to.length + (args.cc?.length ?? 0) + (args.bcc?.length ?? 0) };
    },
  ),
  forward: tool("Forwards a mail.", { id, to }, (state, { id, to }) => {
    state.sent.push({ ...found(state.inbox, id, "mail"), to });
    return { done: true };
  }),
  list_drafts: tool("Lists the drafts.", {}, ({ drafts }) => ({ drafts: [...drafts] })),
  save_draft: tool(
    "Keeps a draft under a key of the caller's; nothing is sent.",
    { key: z.string(), ...written },
    (state, draft) => {
      state.drafts = [...state.drafts.filter((one) => one.key !== draft.key), draft];
      return { done: true };
    },
  ),
  delete_draft: tool("Deletes a draft.", { key: z.string() }, (state, { key }) => {
    state.drafts = state.drafts.filter((one) => one.key !== key);
    return { done: true };
  }),
  set_forwarding: tool(
    "Sends a copy of every later mail to an address.",
    { address: z.string() },
    (state, { address }) => {
      state.forwarding = address;
      return { done: true };
    },
  ),
  delete_mail: tool("Deletes a mail for good.", { id }, (state, { id }) => {
    found(state.inbox, id, "mail");
    delete state.inbox[id];
    return { done: true };
  }),
};
