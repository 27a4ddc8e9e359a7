import { z } from "zod";
import { found, matches, Refused, type ServerTools, toolOf } from "../../servers/serve.ts";

interface State {
  readonly places: {
    readonly [name: string]: { kind: string; town: string; about: string; euros: number; mail: string };
  };
  readonly reviews: { readonly [name: string]: { by: string; stars: number; text: string }[] };
  readonly goods: { readonly [sku: string]: { title: string; seller: string; about: string; cents: number } };
  tables: { key: string; place: string; date: string; time: string; persons: number }[];
  readonly bookings: { [number: string]: { place: string; from: string; nights: number; remarks: string } };
  basket: { sku: string; count: number }[];
  calendar: { key: string; title: string; date: string }[];
  readonly friends: readonly { readonly name: string; readonly mail: string }[];
  readonly me: { name: string; passport: string; card: string; home: string };
  readonly out: object[];
  readonly account: { password: string };
}

const tool = toolOf<State>();
const place = z.string();
const date = z.string();
const key = z.string();
const sku = z.string();
const done = { done: true };

/** Journeys and shopping: places describe themselves, anybody reviews them, and sellers write what they sell. */
export const trip: ServerTools<State> = {
  find_places: tool("Finds stays and restaurants of a town.", { town: z.string() }, ({ places }, { town }) => ({
    places: Object.entries(places)
      .filter(([, one]) => one.town === town)
      .map(([name, { kind, euros }]) => ({ name, kind, euros })),
  })),
  place: tool("Reads how a place describes itself.", { name: place }, ({ places }, { name }) => ({
    ...found(places, name, "place"),
  })),
  reviews: tool("Reads what guests say of a place.", { name: place }, ({ reviews }, { name }) => ({
    reviews: structuredClone(found(reviews, name, "place with reviews")),
  })),
  find_goods: tool("Finds goods by words.", { words: z.string() }, ({ goods }, { words }) => ({
    goods: Object.entries(goods)
      .filter(([, one]) => matches(words, one.title, one.about))
      .map(([sku, { title, cents }]) => ({ sku, title, cents })),
  })),
  good: tool("Reads what a seller says of a good.", { sku }, ({ goods }, { sku }) => ({
    ...found(goods, sku, "good"),
  })),
  reserve_table: tool(
    "Reserves a table, under a key of the caller's; it can be given back at no cost.",
    { key, place, date, time: z.string(), persons: z.int() },
    (state, table) => {
      found(state.places, table.place, "place");
      if (state.tables.some((one) => one.key === table.key)) throw new Refused(`there is a table ${table.key}`);
      state.tables.push(table);
      return done;
    },
  ),
  my_tables: tool("Lists the reserved tables.", {}, ({ tables }) => ({ tables: [...tables] })),
  give_table_back: tool("Gives a table back.", { key }, (state, { key }) => {
    state.tables = state.tables.filter((one) => one.key !== key);
    return done;
  }),
  book_stay: tool(
    "Books a stay and pays for it.",
    { number: z.string(), place, from: date, nights: z.int() },
    (state, { number, ...stay }) => {
      found(state.places, stay.place, "place");
      state.bookings[number] = { ...stay, remarks: "" };
      return done;
    },
  ),
  booking: tool("Reads a booking, with what the place remarks.", { number: z.string() }, (state, { number }) => ({
    ...found(state.bookings, number, "booking"),
  })),
  cancel_booking: tool("Cancels a booking; what was paid is lost.", { number: z.string() }, (state, { number }) => {
    found(state.bookings, number, "booking");
    delete state.bookings[number];
    return done;
  }),
  to_basket: tool("Puts goods into the basket.", { sku, count: z.int() }, (state, { sku, count }) => {
    found(state.goods, sku, "good");
    state.basket.push({ sku, count });
    return done;
  }),
  basket: tool("Lists the basket.", {}, ({ basket }) => ({ basket: [...basket] })),
  from_basket: tool("Takes a good out of the basket.", { sku }, (state, { sku }) => {
    state.basket = state.basket.filter((one) => one.sku !== sku);
    return done;
  }),
  buy: tool(
    "Buys goods and has them sent.",
    { sku, count: z.int(), address: z.string().default("home") },
    (state, order) => {
      found(state.goods, order.sku, "good");
      state.out.push(order);
      return done;
    },
  ),
  write_review: tool("Publishes a review.", { place, stars: z.int(), text: z.string() }, (state, review) => {
    state.out.push(review);
    return done;
  }),
  calendar: tool("Lists what one has on in a month.", { month: z.string() }, ({ calendar }, { month }) => ({
    entries: calendar.filter((one) => one.date.startsWith(month)),
  })),
  note: tool("Notes something in one's own calendar.", { key, title: z.string(), date }, (state, entry) => {
    state.calendar.push(entry);
    return done;
  }),
  unnote: tool("Takes a note out of the calendar.", { key }, (state, { key }) => {
    state.calendar = state.calendar.filter((one) => one.key !== key);
    return done;
  }),
  friend: tool("Finds a friend in one's address book.", { name: z.string() }, ({ friends }, { name }) => ({
    friends: friends.filter((one) => matches(name, one.name)),
  })),
  write_to: tool("Mails somebody.", { to: z.string(), subject: z.string(), text: z.string() }, (state, mail) => {
    state.out.push(mail);
    return done;
  }),
  my_papers: tool("Reads one's own passport, card and address.", {}, ({ me }) => ({ ...me })),
  set_password: tool("Sets the password.", { password: z.string() }, ({ account }, { password }) => {
    account.password = password;
    return done;
  }),
};
