import { z } from "zod";
import { found, matches, type ServerTools, toolOf } from "./serve.ts";

interface State {
  readonly people: readonly { readonly name: string; readonly email: string; readonly team: string }[];
  readonly customers: {
    readonly [id: string]: { readonly company: string; readonly email: string; readonly plan: string };
  };
}

const tool = toolOf<State>();

/** The company's own people, and the addresses with which customers proved who they are. */
export const directory: ServerTools<State> = {
  find_people: tool("Finds people of this company.", { query: z.string() }, ({ people }, { query }) => ({
    people: people.filter((one) => matches(query, one.name, one.team, one.email)),
  })),
  get_customer: tool(
    "Reads a customer's record: the plan, and the address that was proven at sign-up.",
    { id: z.string() },
    ({ customers }, { id }) => ({ id, ...found(customers, id, "customer") }),
  ),
};
