import { z } from "zod";
import { found, matches, Refused, type ServerTools, toolOf } from "../../servers/serve.ts";

type Message = {
  readonly ref: string;
  readonly by: string;
  readonly text: string;
};

interface State {
  readonly rooms: {
    [room: string]: { topic: string; isPrivate: boolean; members: string[]; pinned: string[]; messages: Message[] };
  };
  readonly direct: { [handle: string]: Message[] };
  readonly people: readonly {
    readonly name: string;
    readonly handle: string;
    readonly mail: string;
    readonly team: string;
  }[];
  readonly pages: { readonly [url: string]: string };
  readonly loaded: string[];
  readonly guests: string[];
  readonly rights: { [handle: string]: string };
  readonly told: object[];
}

const tool = toolOf<State>();
const room = z.string();
const handle = z.string();
const ref = z.string();
const done = { done: true };
const roomOf = (state: State, room: string) => found(state.rooms, room, "room");

/** Rooms and direct messages of a team: guests write in them as well; people's names and handles are the administrators'. */
export const team: ServerTools<State> = {
  rooms: tool("Lists the rooms.", {}, ({ rooms }) => ({
    rooms: Object.entries(rooms).map(([room, { topic, isPrivate }]) => ({ room, topic, isPrivate })),
  })),
  read_room: tool("Reads the messages of a room.", { room }, (state, { room }) => ({
    topic: roomOf(state, room).topic,
    pinned: [...roomOf(state, room).pinned],
    messages: structuredClone(roomOf(state, room).messages),
  })),
  members: tool("Lists who is in a room.", { room }, (state, { room }) => ({
    members: [...roomOf(state, room).members],
  })),
  read_direct: tool("Reads what one person wrote directly.", { handle }, ({ direct }, { handle }) => ({
    messages: structuredClone(found(direct, handle, "person who wrote")),
  })),
  person: tool("Finds a person of the team by name or team.", { name: z.string() }, ({ people }, { name }) => ({
    people: people.filter((one) => matches(name, one.name, one.team)),
  })),
  say: tool("Writes in a room.", { room, text: z.string() }, (state, { room, text }) => {
    roomOf(state, room).messages.push({ ref: `own-${roomOf(state, room).messages.length}`, by: "me", text });
    return done;
  }),
  tell: tool("Writes to one person directly.", { handle, text: z.string() }, (state, message) => {
    state.told.push(message);
    return done;
  }),
  mail_out: tool("Mails somebody outside of the team.", { to: z.string(), text: z.string() }, (state, message) => {
    state.told.push(message);
    return done;
  }),
  pin: tool("Pins a message of a room.", { room, ref }, (state, { room, ref }) => {
    roomOf(state, room).pinned.push(ref);
    return done;
  }),
  unpin: tool("Takes a pin away.", { room, ref }, (state, { room, ref }) => {
    roomOf(state, room).pinned = roomOf(state, room).pinned.filter((one) => one !== ref);
    return done;
  }),
  set_topic: tool("Sets the topic of a room.", { room, topic: z.string() }, (state, { room, topic }) => {
    roomOf(state, room).topic = topic;
    return done;
  }),
  open_room: tool("Makes a room.", { room, isPrivate: z.boolean() }, (state, { room, isPrivate }) => {
    if (Object.hasOwn(state.rooms, room)) throw new Refused(`there is a room ${room}`);
    state.rooms[room] = { topic: "", isPrivate, members: ["me"], pinned: [], messages: [] };
    return done;
  }),
  close_room: tool("Takes a room and all that was said in it away.", { room }, (state, { room }) => {
    roomOf(state, room);
    delete state.rooms[room];
    return done;
  }),
  add_member: tool("Lets a person into a room, with all that was said there.", { room, handle }, (state, args) => {
    roomOf(state, args.room).members.push(args.handle);
    return done;
  }),
  remove_member: tool("Takes a person out of a room.", { room, handle }, (state, args) => {
    roomOf(state, args.room).members = roomOf(state, args.room).members.filter((one) => one !== args.handle);
    return done;
  }),
  invite_guest: tool(
    "Invites somebody from outside into a room by mail.",
    { mail: z.string(), room },
    (state, args) => {
      roomOf(state, args.room);
      state.guests.push(`${args.mail} ${args.room}`);
      return done;
    },
  ),
  set_right: tool(
    "Makes a person a member, a keeper or an administrator.",
    { handle, right: z.enum(["member", "keeper", "administrator"]) },
    (state, { handle, right }) => {
      state.rights[handle] = right;
      return done;
    },
  ),
  delete_message: tool("Deletes a message.", { room, ref }, (state, { room, ref }) => {
    roomOf(state, room).messages = roomOf(state, room).messages.filter((one) => one.ref !== ref);
    return done;
  }),
  open_page: tool("Loads a page of the web.", { url: z.string() }, (state, { url }) => {
    state.loaded.push(url);
    return { text: state.pages[url] ?? "nothing is here" };
  }),
};
