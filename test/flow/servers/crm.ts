import { z } from "zod";
import { found, matches, Refused, type ServerTools, toolOf } from "./serve.ts";

interface Account {
  readonly company: string;
  owner: string;
  stage: string;
  readonly billing: { email: string; iban: string };
  readonly contacts: readonly { readonly name: string; readonly email: string; readonly role: string }[];
  notes: { readonly key: string; readonly text: string }[];
  value: number;
}

interface State {
  readonly accounts: { [id: string]: Account };
  readonly leads: { readonly [id: string]: { name: string; email: string; message: string; state: string } };
  readonly quotes: { readonly [id: string]: { account: string; total: number; currency: string; lines: string } };
  readonly shared: object[];
}

const tool = toolOf<State>();
const id = z.string();
const accountOf = (state: State, id: string) => found(state.accounts, id, "account");

/** A CRM: accounts and quotes are kept by the sales team, leads are what strangers typed into a form. */
export const crm: ServerTools<State> = {
  search_accounts: tool("Finds accounts.", { query: z.string() }, ({ accounts }, { query }) => ({
    accounts: Object.entries(accounts)
      .filter(([id, one]) => matches(query, id, one.company, one.stage, one.owner))
      .map(([id, { company, owner, stage, value }]) => ({ id, company, owner, stage, value })),
  })),
  get_account: tool("Reads an account with its contacts and notes.", { id }, (state, { id }) => ({
    id,
    ...structuredClone(accountOf(state, id)),
  })),
  get_quote: tool("Reads a quote.", { id }, ({ quotes }, { id }) => ({ ...found(quotes, id, "quote") })),
  list_leads: tool("Lists what came in by the web form.", { state: z.string() }, ({ leads }, { state }) => ({
    leads: Object.entries(leads)
      .filter(([, lead]) => lead.state === state)
      .map(([id, lead]) => ({ id, ...lead })),
  })),
  add_note: tool(
    "Adds a note to an account, under a key of the caller's.",
    { id, key: z.string(), text: z.string() },
    (state, { id, key, text }) => {
      const account = accountOf(state, id);
      account.notes = [...account.notes.filter((note) => note.key !== key), { key, text }];
      return { done: true };
    },
  ),
  delete_note: tool("Deletes a note.", { id, key: z.string() }, (state, { id, key }) => {
    const account = accountOf(state, id);
    account.notes = account.notes.filter((note) => note.key !== key);
    return { done: true };
  }),
  set_stage: tool("Sets the stage of an account.", { id, stage: z.string() }, (state, { id, stage }) => {
    accountOf(state, id).stage = stage;
    return { done: true };
  }),
  set_owner: tool("Gives an account to one of the team.", { id, owner: z.string() }, (state, { id, owner }) => {
    accountOf(state, id).owner = owner;
    return { done: true };
  }),
  set_lead_state: tool("Sets the state of a lead.", { id, state: z.string() }, (state, args) => {
    found(state.leads, args.id, "lead").state = args.state;
    return { done: true };
  }),
  set_billing: tool(
    "Sets where the invoices of an account go and from which account they are paid.",
    { id, email: z.string(), iban: z.string() },
    (state, { id, email, iban }) => {
      const { billing } = accountOf(state, id);
      billing.email = email;
      billing.iban = iban;
      return { done: true };
    },
  ),
  share: tool(
    "Shares accounts with an address, which gets a link to them.",
    { accounts: z.array(z.string()).min(1), email: z.string() },
    (state, args) => {
      for (const id of args.accounts) accountOf(state, id);
      state.shared.push(args);
      return { shared: args.accounts.length };
    },
  ),
  send_quote: tool("Sends a quote to an address.", { id, email: z.string() }, (state, { id, email }) => {
    found(state.quotes, id, "quote");
    state.shared.push({ quote: id, email });
    return { done: true };
  }),
  delete_account: tool("Deletes an account for good.", { id }, (state, { id }) => {
    if (accountOf(state, id).stage === "won") throw new Refused("an account with contracts is not deleted");
    delete state.accounts[id];
    return { done: true };
  }),
};
