const text = { type: "string", maxLength: 4096 } as const;

/** The tools of the bench's upstream server; one text of about 1 KB goes in, one of half a KB comes back. */
export const definitions = [
  {
    name: "read_note",
    description: "reads a note",
    inputSchema: {
      type: "object",
      properties: { path: text, query: text, limit: { type: "integer" } },
      required: ["path"],
    },
    annotations: { readOnlyHint: true },
  },
  ...["write_note", "publish_note"].map((name) => ({
    name,
    description: `${name.split("_")[0]}s a note`,
    inputSchema: {
      type: "object",
      properties: { path: text, text, limit: { type: "integer" } },
      required: ["path", "text"],
    },
  })),
];

/** What every call is answered with. */
export const answer = { content: [{ type: "text", text: "the note says that all is well ".repeat(16) }] };

const words = "the quick brown fox looks over the lazy dog and writes down what it saw in plain words; ".repeat(11);

/** Arguments of the `n`th call: no two are the same, so no write attaches to another. */
export function argumentsOf(tool: string, n: number): { readonly [name: string]: string | number } {
  const path = `notes/folder-${n % 64}/note-${n}.md`;
  return tool === "read_note" ? { path, query: words, limit: n } : { path, text: words, limit: n };
}
