import { z } from "zod";
import { found, matches, Refused, type ServerTools, toolOf } from "../../servers/serve.ts";

interface State {
  readonly mails: { [ref: string]: { from: string; to: string; subject: string; text: string; label: string } };
  readonly files: { [path: string]: string };
  readonly trash: { [path: string]: string };
  events: { key: string; title: string; date: string; time: string; guests: string[]; notes: string }[];
  readonly contacts: readonly { readonly name: string; readonly address: string; readonly role: string }[];
  readonly shares: string[];
  readonly sent: object[];
  settings: { autoReply: string };
}

const tool = toolOf<State>();
const ref = z.string();
const path = z.string();
const date = z.string();
const done = { done: true };

/** Mail, files and a calendar: others write the mails, share files and send invitations; the contacts are the firm's. */
export const office: ServerTools<State> = {
  find_mail: tool("Finds mails by words in them.", { words: z.string() }, ({ mails }, { words }) => ({
    mails: Object.entries(mails)
      .filter(([, one]) => matches(words, one.from, one.subject, one.text))
      .map(([ref, { from, subject, label }]) => ({ ref, from, subject, label })),
  })),
  open_mail: tool("Reads a mail.", { ref }, ({ mails }, { ref }) => ({ ...found(mails, ref, "mail") })),
  send_mail: tool(
    "Sends a mail.",
    { to: z.array(z.string()).min(1), copy: z.array(z.string()).optional(), subject: z.string(), text: z.string() },
    (state, mail) => {
      state.sent.push(mail);
      return done;
    },
  ),
  answer_mail: tool("Answers whoever wrote a mail.", { ref, text: z.string() }, (state, { ref, text }) => {
    state.sent.push({ to: found(state.mails, ref, "mail").from, text });
    return done;
  }),
  pass_on: tool("Sends a mail on as it is.", { ref, to: z.string() }, (state, { ref, to }) => {
    state.sent.push({ ...found(state.mails, ref, "mail"), to });
    return done;
  }),
  label_mail: tool(
    "Puts a label on a mail, in the place of the one before.",
    { ref, label: z.string() },
    (state, args) => {
      found(state.mails, args.ref, "mail").label = args.label;
      return done;
    },
  ),
  delete_mail: tool("Deletes a mail for good.", { ref }, (state, { ref }) => {
    found(state.mails, ref, "mail");
    delete state.mails[ref];
    return done;
  }),
  auto_reply: tool("Answers every later mail with a text.", { text: z.string() }, (state, { text }) => {
    state.settings.autoReply = text;
    return done;
  }),
  find_files: tool("Finds files by words in their paths and texts.", { words: z.string() }, ({ files }, { words }) => ({
    files: Object.entries(files)
      .filter(([path, text]) => matches(words, path, text))
      .map(([path]) => ({ path })),
  })),
  open_file: tool("Reads a file.", { path }, ({ files }, { path }) => ({ text: found(files, path, "file") })),
  new_file: tool("Writes a file that is not there yet.", { path, text: z.string() }, ({ files }, { path, text }) => {
    if (Object.hasOwn(files, path)) throw new Refused(`there is a file ${path}`);
    files[path] = text;
    return done;
  }),
  replace_file: tool("Writes a file anew; what it said is gone.", { path, text: z.string() }, ({ files }, args) => {
    found(files, args.path, "file");
    files[args.path] = args.text;
    return done;
  }),
  bin_file: tool("Puts a file in the bin.", { path }, ({ files, trash }, { path }) => {
    trash[path] = found(files, path, "file");
    delete files[path];
    return done;
  }),
  unbin_file: tool("Takes a file out of the bin.", { path }, ({ files, trash }, { path }) => {
    files[path] = found(trash, path, "file in the bin");
    delete trash[path];
    return done;
  }),
  empty_bin: tool("Empties the bin for good.", {}, ({ trash }) => {
    for (const path of Object.keys(trash)) delete trash[path];
    return done;
  }),
  share_file: tool(
    "Lets somebody read or change a file.",
    { path, with: z.string(), right: z.enum(["read", "change"]) },
    (state, args) => {
      found(state.files, args.path, "file");
      state.shares.push(`${args.path} ${args.with} ${args.right}`);
      return done;
    },
  ),
  day: tool("Lists the events of a day.", { date }, ({ events }, { date }) => ({
    events: events.filter((event) => event.date === date),
  })),
  note_event: tool(
    "Puts an event into one's own calendar, under a key of the caller's; nobody is invited.",
    { key: z.string(), title: z.string(), date, time: z.string() },
    (state, event) => {
      state.events.push({ ...event, guests: [], notes: "" });
      return done;
    },
  ),
  invite: tool(
    "Creates an event, under a key of the caller's, and invites its guests by mail.",
    {
      key: z.string(),
      title: z.string(),
      date,
      time: z.string(),
      guests: z.array(z.string()).min(1),
      notes: z.string().default(""),
    },
    (state, event) => {
      state.events.push(event);
      return done;
    },
  ),
  drop_event: tool("Cancels an event; its guests get a mail.", { key: z.string() }, (state, { key }) => {
    state.events = state.events.filter((event) => event.key !== key);
    return done;
  }),
  erase_note: tool(
    "Takes an event without guests out of one's own calendar.",
    { key: z.string() },
    (state, { key }) => {
      state.events = state.events.filter((event) => event.key !== key || event.guests.length > 0);
      return done;
    },
  ),
  contact: tool("Reads a contact of the firm by name.", { name: z.string() }, ({ contacts }, { name }) => ({
    contacts: contacts.filter((one) => matches(name, one.name, one.role)),
  })),
};
