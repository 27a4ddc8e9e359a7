import { z } from "zod";
import { found, matches, type ServerTools, toolOf } from "./serve.ts";

interface Ticket {
  state: string;
  priority: string;
  assignee: string;
  readonly customer: string;
  readonly requester: { readonly name: string; readonly email: string };
  readonly subject: string;
  readonly body: string;
  readonly comments: { readonly author: string; readonly body: string }[];
  notes: { readonly key: string; readonly body: string }[];
  tags: string[];
}

interface State {
  readonly tickets: { [id: string]: Ticket };
  readonly macros: { readonly [name: string]: string };
}

const tool = toolOf<State>();
const id = z.string();
const ticketOf = (state: State, id: string) => found(state.tickets, id, "ticket");

/** A ticket desk: customers write tickets and comments, and what is answered goes to them by mail. */
export const desk: ServerTools<State> = {
  search_tickets: tool("Finds tickets by words in them.", { query: z.string() }, ({ tickets }, { query }) => ({
    tickets: Object.entries(tickets)
      .filter(([id, one]) => matches(query, id, one.subject, one.body, one.state, ...one.tags))
      .map(([id, { state, priority, customer, subject }]) => ({ id, state, priority, customer, subject })),
  })),
  get_ticket: tool("Reads a ticket with all that was said on it.", { id }, (state, { id }) => ({
    id,
    ...structuredClone(ticketOf(state, id)),
  })),
  get_macro: tool(
    "Reads an answer that the team wrote for a kind of question.",
    { name: z.string() },
    (state, args) => ({
      text: found(state.macros, args.name, "macro"),
    }),
  ),
  reply: tool("Answers the customer, who gets it by mail.", { id, body: z.string() }, (state, { id, body }) => {
    ticketOf(state, id).comments.push({ author: "desk", body });
    return { done: true };
  }),
  add_note: tool(
    "Adds a note that only the team sees, under a key of the caller's.",
    { id, key: z.string(), body: z.string() },
    (state, { id, key, body }) => {
      const ticket = ticketOf(state, id);
      ticket.notes = [...ticket.notes.filter((note) => note.key !== key), { key, body }];
      return { done: true };
    },
  ),
  delete_note: tool("Deletes a note.", { id, key: z.string() }, (state, { id, key }) => {
    const ticket = ticketOf(state, id);
    ticket.notes = ticket.notes.filter((note) => note.key !== key);
    return { done: true };
  }),
  set_state: tool(
    "Sets the state of a ticket.",
    { id, state: z.enum(["open", "pending", "solved", "spam"]) },
    (state, args) => {
      ticketOf(state, args.id).state = args.state;
      return { done: true };
    },
  ),
  set_priority: tool(
    "Sets the priority of a ticket.",
    { id, priority: z.enum(["low", "normal", "high", "urgent"]) },
    (state, { id, priority }) => {
      ticketOf(state, id).priority = priority;
      return { done: true };
    },
  ),
  assign: tool("Gives a ticket to one of the team.", { id, assignee: z.string() }, (state, { id, assignee }) => {
    ticketOf(state, id).assignee = assignee;
    return { done: true };
  }),
  delete_ticket: tool("Deletes a ticket for good.", { id }, (state, { id }) => {
    ticketOf(state, id);
    delete state.tickets[id];
    return { done: true };
  }),
};
