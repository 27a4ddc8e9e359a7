import { z } from "zod";
import { type ServerTools, toolOf } from "./serve.ts";

type Event = {
  readonly key: string;
  readonly title: string;
  readonly day: string;
  readonly start: string;
  readonly attendees: readonly string[];
  readonly description: string;
};

interface State {
  events: Event[];
  readonly invited: string[];
}

const tool = toolOf<State>();
const day = z.string();

/** A calendar: others put their invitations into it, and who is invited gets a mail. */
export const calendar: ServerTools<State> = {
  list_events: tool("Lists the events of a day.", { day }, ({ events }, { day }) => ({
    events: events.filter((event) => event.day === day),
  })),
  invite: tool(
    "Creates an event, under a key of the caller's, and sends its invitations.",
    {
      key: z.string(),
      title: z.string(),
      day,
      start: z.string(),
      attendees: z.array(z.string()).min(1),
      description: z.string().default(""),
    },
    (state, event) => {
      state.events.push(event);
      state.invited.push(...event.attendees);
      return { done: true };
    },
  ),
  block_time: tool(
    "Blocks time in one's own calendar, under a key of the caller's; nobody is invited.",
    { key: z.string(), title: z.string(), day, start: z.string() },
    (state, event) => {
      state.events.push({ ...event, attendees: [], description: "" });
      return { done: true };
    },
  ),
  delete_event: tool("Deletes an event.", { key: z.string() }, (state, { key }) => {
    state.events = state.events.filter((event) => event.key !== key);
    return { done: true };
  }),
};
