import type { Answer } from "../route.ts";

export function ok(json: unknown): Answer {
  return { status: 200, json };
}

export function created(json: unknown): Answer {
  return { status: 201, json };
}

export function receiptOf(entry: string): { readonly receipt: string } {
  return { receipt: `/v1/receipts/${entry}` };
}

export function firstLine(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}
