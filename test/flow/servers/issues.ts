import { z } from "zod";
import { found, matches, type ServerTools, toolOf } from "./serve.ts";

interface Issue {
  readonly title: string;
  readonly author: string;
  readonly body: string;
  state: string;
  labels: string[];
  readonly comments: { readonly author: string; readonly body: string }[];
}

interface State {
  readonly issues: { readonly [number: string]: Issue };
}

const tool = toolOf<State>();
const number = z.int();
const issueOf = (state: State, number: number) => found(state.issues, String(number), "issue");

/** The issues of a public project: everybody reads them, and everybody with an account writes there. */
export const issues: ServerTools<State> = {
  search_issues: tool("Finds issues.", { query: z.string() }, ({ issues }, { query }) => ({
    issues: Object.entries(issues)
      .filter(([, one]) => matches(query, one.title, one.body, one.state, ...one.labels))
      .map(([number, { title, author, state, labels }]) => ({ number: Number(number), title, author, state, labels })),
  })),
  get_issue: tool("Reads an issue with its comments.", { number }, (state, { number }) => ({
    number,
    ...structuredClone(issueOf(state, number)),
  })),
  comment: tool("Comments on an issue, for everybody to read.", { number, body: z.string() }, (state, args) => {
    issueOf(state, args.number).comments.push({ author: "acme-agent", body: args.body });
    return { done: true };
  }),
  add_label: tool("Adds a label to an issue.", { number, label: z.string() }, (state, { number, label }) => {
    issueOf(state, number).labels.push(label);
    return { done: true };
  }),
  remove_label: tool("Takes a label from an issue.", { number, label: z.string() }, (state, { number, label }) => {
    const issue = issueOf(state, number);
    issue.labels = issue.labels.filter((one) => one !== label);
    return { done: true };
  }),
  set_state: tool(
    "Closes an issue or opens it again.",
    { number, state: z.enum(["open", "closed"]) },
    (state, args) => {
      issueOf(state, args.number).state = args.state;
      return { done: true };
    },
  ),
};
