import { useEffect, useRef, useState } from "react";
import { useStay } from "./use-stay.ts";

const graceSeconds = 5;

interface Waiting<T> {
  readonly wanted: T;
  readonly seconds: number;
  /** The page that it was given on. */
  readonly path: string;
}

/**
 * An answer waits some seconds in this page before it is sent, so that a slip can be taken back. Whoever goes on to
 * another page meant it: then it is sent. Where this page itself goes away, it is dropped.
 */
export function useGrace<T>(send: (wanted: T) => void, drop: (wanted: T) => void) {
  const [waiting, setWaiting] = useState<Waiting<T> | undefined>(undefined);
  const latest = useRef({ send, drop, waiting });
  latest.current = { send, drop, waiting };
  // At once, not with the next drawing: nothing is sent twice.
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
      if (unsent !== undefined) (location.pathname === unsent.path ? away : go)(unsent.wanted);
    },
    [],
  );
  return {
    waiting,
    wait: (wanted: T) => setWaiting({ wanted, seconds: graceSeconds, path: location.pathname }),
    takeBack: () => void take(),
    sendNow,
  };
}
