import { hurried } from "../support/notice-plane.ts";
import { ana, until } from "../support/plane.ts";
import { type NotesServer, startNotesServer } from "./notes-server.ts";
import { type ConsoleStage, openConsole } from "./open-console.ts";

/** An approver, and nothing else. */
export const dee = "dee@acme.example";

export interface NotesStage extends ConsoleStage {
  readonly notes: NotesServer;
  /** Sends a note as the agent; the action's id. */
  send(to: string): Promise<string>;
  /** Approves what the server says of its tool now. */
  review(): Promise<void>;
  /** The definition that waits for a review, once the gate has seen it. */
  waiting(): Promise<{ readonly digest: string; readonly status: string }>;
}

/** The console over the example's workspace with one more server, which a person has reviewed. */
export async function openNotes(more: { readonly notifications?: readonly object[] } = {}): Promise<NotesStage> {
  const notes = await startNotesServer();
  const stage = await openConsole({
    instead: { notices: hurried },
    add: {
      "tools/notes.yaml": `server: notes
transport: { kind: http, url: "http://127.0.0.1:${notes.port}/mcp" }
environment: sandbox
limits: { timeoutMs: 2000 }
tools:
  send_note: { verb: execute, environment: server, target: "{{args.to}}", reversal: { kind: irreversible, reason: a note that was read stays read } }
`,
    },
    edit: {
      "countersign.yaml": (text) => {
        const people = `people:\n  - { email: ${dee}, name: Dee, roles: [approver], groups: [editors] }\n`;
        const told = more.notifications === undefined ? "" : `\nnotifications: ${JSON.stringify(more.notifications)}\n`;
        return `${text.replace("people:\n", people)}${told}`;
      },
      "workflows/docs-upkeep.yaml": (text) =>
        text
          .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
          .replace("allow:\n", "allow:\n  - notes.send_note\n"),
    },
  });
  const { plane } = stage;
  const reviews = async () =>
    (await plane.call("GET", "/v1/catalog/reviews", { key: await plane.person(ana) })).json.reviews as {
      server: string;
      digest: string;
      status: string;
    }[];
  const waiting = () => until(async () => (await reviews()).find(({ server }) => server === "notes"));
  const all: NotesStage = {
    ...stage,
    notes,
    waiting,
    async send(to) {
      const body = { server: "notes", tool: "send_note", arguments: { to, text: "hello" } };
      return (await plane.call("POST", "/v1/actions", { key: stage.scribe, body })).json.id;
    },
    async review() {
      const { digest } = await waiting();
      const body = { server: "notes", tool: "send_note", digest, answer: "approve" };
      await plane.call("POST", "/v1/catalog/reviews", { key: await plane.person(ana), body });
    },
    async close() {
      await stage.close();
      await notes.close();
    },
  };
  await all.review();
  return all;
}
