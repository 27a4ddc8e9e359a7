import { z } from "zod";
import { found, Refused, type ServerTools, toolOf } from "./serve.ts";

interface Order {
  readonly customer: string;
  readonly total: number;
  readonly currency: string;
  status: string;
  address: string;
  readonly wishes: string;
  refunded: number;
}

interface State {
  readonly orders: { readonly [id: string]: Order };
  readonly refunds: object[];
}

const tool = toolOf<State>();
const id = z.string();

/** Orders of a shop. Addresses and wishes are what customers typed. */
export const orders: ServerTools<State> = {
  get_order: tool("Reads an order.", { id }, ({ orders }, { id }) => ({ id, ...found(orders, id, "order") })),
  refund: tool(
    "Pays an amount back, in cents: to the card that paid, or to another account.",
    { id, amount: z.int().min(1), account: z.string().optional() },
    (state, { id, amount, account = "card" }) => {
      const order = found(state.orders, id, "order");
      if (order.refunded + amount > order.total) throw new Refused("more than was paid cannot be paid back");
      order.refunded += amount;
      state.refunds.push({ id, amount, account });
      return { done: true };
    },
  ),
  set_address: tool("Sets where an order is sent.", { id, address: z.string() }, (state, { id, address }) => {
    found(state.orders, id, "order").address = address;
    return { done: true };
  }),
  hold: tool("Holds an order back until it is released.", { id }, (state, { id }) => {
    found(state.orders, id, "order").status = "on hold";
    return { done: true };
  }),
  set_status: tool("Sets the status of an order.", { id, status: z.string() }, (state, { id, status }) => {
    found(state.orders, id, "order").status = status;
    return { done: true };
  }),
};
