import { useEffect, useRef, useState } from "react";
import { here, useAddress } from "../address.tsx";
import { onLeft } from "./left.ts";
import { useStay } from "./use-stay.ts";

/** The one countdown of all answers. */
const graceSeconds = 5;

interface Waiting<T> {
  readonly wanted: T;
  readonly seconds: number;
}

/**
 * An answer waits some seconds in this page before it is sent, so that a slip can be taken back. Whoever goes on to
 * something else meant it, also to another tab or program: then it is sent, and what came of it is told wherever they are.
 * Where what shows it goes away under them, which was no act of theirs, it is dropped.
 */
export function useGrace<T>(send: (wanted: T) => void, drop: (wanted: T) => void) {
  const { at } = useAddress();
  const [waiting, setWaiting] = useState<Waiting<T> | undefined>(undefined);
  const latest = useRef({ send, drop, waiting });
  latest.current = { send, drop, waiting };
  const shownAt = useRef(at);
  useEffect(() => {
    shownAt.current = at;
  }, [at]);
  const hasLeft = useRef(false);
  // At once, not with the next drawing: whatever ends its wait takes it from here, once, and nothing is sent twice.
  const take = (): T | undefined => {
    const wanted = latest.current.waiting?.wanted;
    latest.current.waiting = undefined;
    setWaiting(undefined);
    return wanted;
  };
  const sendNow = (): void => {
    const wanted = take();
    if (wanted !== undefined) latest.current.send(wanted);
  };
  const due = useRef(sendNow);
  due.current = sendNow;
  useStay(waiting !== undefined);
  useEffect(() => onLeft(() => due.current()), []);
  useEffect(() => {
    if (waiting === undefined) return;
    const timer = setTimeout(() => {
      if (waiting.seconds <= 1) due.current();
      else setWaiting({ ...waiting, seconds: waiting.seconds - 1 });
    }, 1_000);
    return () => clearTimeout(timer);
  }, [waiting]);
  useEffect(
    () => () => {
      const { waiting: unsent, send: go, drop: away } = latest.current;
      latest.current.waiting = undefined;
      hasLeft.current = here() !== shownAt.current;
      if (unsent !== undefined) (hasLeft.current ? go : away)(unsent.wanted);
    },
    [],
  );
  return {
    waiting,
    wait: (wanted: T) => setWaiting({ wanted, seconds: graceSeconds }),
    /** Takes it back; undefined where it went meanwhile. */
    take,
    sendNow,
    /** Whether whoever answered is still where they answered. */
    isHere: () => !hasLeft.current && here() === shownAt.current,
  };
}
