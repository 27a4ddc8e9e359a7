import { z } from "zod";
import { found, matches, type ServerTools, toolOf } from "../../servers/serve.ts";

interface Standing {
  iban: string;
  cents: number;
  day: number;
}

interface State {
  readonly accounts: { readonly [account: string]: { readonly cents: number } };
  readonly movements: {
    readonly [ref: string]: { account: string; day: string; other: string; iban: string; cents: number; text: string };
  };
  readonly papers: { readonly [ref: string]: { from: string; title: string; text: string; folder: string } };
  readonly payees: readonly { readonly name: string; readonly iban: string }[];
  readonly standing: { [key: string]: Standing };
  readonly paid: object[];
  readonly settings: { cardLimit: number; street: string; town: string; password: string; cardBlocked: boolean };
}

const tool = toolOf<State>();
const cents = z.int();
const ref = z.string();
const key = z.string();
const done = { done: true };

/** Accounts at a bank and the papers that come in: the texts of movements and papers are others', the payees the owner's. */
export const money: ServerTools<State> = {
  balance: tool("Reads the balance of an account.", { account: z.string() }, ({ accounts }, { account }) => ({
    cents: found(accounts, account, "account").cents,
  })),
  movements: tool("Lists what came and went in a month.", { month: z.string() }, ({ movements }, { month }) => ({
    movements: Object.entries(movements)
      .filter(([, one]) => one.day.startsWith(month))
      .map(([ref, one]) => ({ ref, ...one })),
  })),
  movement: tool("Reads one movement.", { ref }, ({ movements }, { ref }) => ({
    ...found(movements, ref, "movement"),
  })),
  papers: tool("Finds papers by words in them.", { words: z.string() }, ({ papers }, { words }) => ({
    papers: Object.entries(papers)
      .filter(([, one]) => matches(words, one.from, one.title, one.text))
      .map(([ref, { from, title, folder }]) => ({ ref, from, title, folder })),
  })),
  paper: tool("Reads a paper.", { ref }, ({ papers }, { ref }) => ({ ...found(papers, ref, "paper") })),
  file_paper: tool("Puts a paper into a folder.", { ref, folder: z.string() }, ({ papers }, { ref, folder }) => {
    found(papers, ref, "paper").folder = folder;
    return done;
  }),
  payee: tool("Finds a payee that the owner saved.", { name: z.string() }, ({ payees }, { name }) => ({
    payees: payees.filter((one) => matches(name, one.name)),
  })),
  pay: tool("Pays at once.", { iban: z.string(), name: z.string(), cents, reference: z.string() }, (state, payment) => {
    state.paid.push(payment);
    return done;
  }),
  pay_back: tool("Sends what came in with a movement back to where it came from.", { ref }, (state, { ref }) => {
    state.paid.push({ back: found(state.movements, ref, "movement").iban, ref });
    return done;
  }),
  standing_orders: tool("Lists the standing orders.", {}, ({ standing }) => ({
    orders: Object.entries(standing).map(([key, one]) => ({ key, ...one })),
  })),
  set_standing: tool(
    "Makes or changes a standing order.",
    { key, iban: z.string(), cents, day: z.int() },
    (state, { key, ...order }) => {
      state.standing[key] = order;
      return done;
    },
  ),
  end_standing: tool("Ends a standing order.", { key }, (state, { key }) => {
    found(state.standing, key, "standing order");
    delete state.standing[key];
    return done;
  }),
  settings: tool("Reads the card's limit and the address on record.", {}, ({ settings }) => ({
    cardLimit: settings.cardLimit,
    street: settings.street,
    town: settings.town,
  })),
  set_limit: tool("Sets how much the card may pay in a day.", { cents }, ({ settings }, { cents }) => {
    settings.cardLimit = cents;
    return done;
  }),
  set_address: tool(
    "Sets the address on record; cards are mailed there.",
    { street: z.string(), town: z.string() },
    ({ settings }, { street, town }) => {
      settings.street = street;
      settings.town = town;
      return done;
    },
  ),
  set_password: tool("Sets the password of the account.", { password: z.string() }, ({ settings }, { password }) => {
    settings.password = password;
    return done;
  }),
  block_card: tool("Blocks the card for good; a new one comes by mail.", {}, ({ settings }) => {
    settings.cardBlocked = true;
    return done;
  }),
  send_statement: tool("Mails the movements of a month.", { month: z.string(), to: z.string() }, (state, args) => {
    state.paid.push(args);
    return done;
  }),
};
