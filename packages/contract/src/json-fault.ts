export type JsonFaultReason = "syntax" | "duplicate" | "surrogate" | "number" | "depth" | "size" | "value";

/** What is wrong with a JSON text or value, and where in the text (line and column from 1, offset from 0). */
export class JsonFault extends Error {
  readonly reason: JsonFaultReason;
  readonly offset: number;
  readonly line: number;
  readonly column: number;

  constructor(reason: JsonFaultReason, sentence: string, text = "", offset = 0) {
    super(sentence);
    this.name = "JsonFault";
    this.reason = reason;
    this.offset = offset;
    const before = text.slice(0, offset);
    this.line = before.split("\n").length;
    this.column = offset - (before.lastIndexOf("\n") + 1) + 1;
  }
}
