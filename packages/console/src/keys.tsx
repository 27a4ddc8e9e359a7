import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useAddress } from "./address.tsx";
import { browserStore } from "./parts/kept.ts";

export interface Key {
  /** As pressed: `j`, `/`, `?`, or two in a row such as `g i`. */
  readonly press: string;
  readonly does: string;
  run(): void;
}

interface Keyboard {
  readonly isOn: boolean;
  turn(on: boolean): void;
  /** Every key that works now, to be listed. */
  all(): readonly Key[];
  add(keys: () => readonly Key[]): () => void;
}

const Board = createContext<Keyboard | undefined>(undefined);
const kept = "countersign.keys";
const secondMs = 1_000;

/** Single keys as shortcuts: off in fields and under dialogs, and off altogether where a person says so (WCAG 2.1.4). */
export function KeysProvider({ children }: { readonly children: ReactNode }) {
  const { go } = useAddress();
  const [isOn, setOn] = useState(() => browserStore.getItem(kept) !== "off");
  const sets = useRef(new Set<() => readonly Key[]>());
  const board = useMemo((): Keyboard => {
    const nouns = [
      ["i", "inbox"],
      ["r", "runs"],
      ["a", "agents"],
      ["w", "workflows"],
      ["t", "tools"],
      ["p", "policies"],
      ["l", "ledger"],
    ] as const;
    const moves = nouns.map(([key, noun]) => ({ press: `g ${key}`, does: `go to ${noun}`, run: () => go(`/${noun}`) }));
    return {
      isOn,
      turn(on) {
        browserStore.setItem(kept, on ? "on" : "off");
        setOn(on);
      },
      all: () => [...[...sets.current].flatMap((keys) => keys()), ...moves],
      add(keys) {
        sets.current.add(keys);
        return () => void sets.current.delete(keys);
      },
    };
  }, [isOn, go]);
  useEffect(() => {
    if (!isOn) return;
    let first: { key: string; at: number } | undefined;
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]") !== null) return;
      const two =
        first !== undefined && event.timeStamp - first.at < secondMs ? `${first.key} ${event.key}` : undefined;
      const all = board.all();
      // The first of two keys means nothing by itself, and neither does the second.
      const key =
        all.find(({ press }) => press === two) ??
        (two !== undefined && isFirst(all, first?.key) ? undefined : all.find(({ press }) => press === event.key));
      first = { key: event.key, at: event.timeStamp };
      if (key === undefined) return;
      first = undefined;
      event.preventDefault();
      key.run();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [isOn, board]);
  return <Board value={board}>{children}</Board>;
}

function isFirst(keys: readonly Key[], pressed: string | undefined): boolean {
  return pressed !== undefined && keys.some(({ press }) => press.startsWith(`${pressed} `));
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
  );
}

export function useKeyboard(): Keyboard {
  const board = useContext(Board);
  if (board === undefined) throw new Error("there is no keyboard above this");
  return board;
}

/** These keys work while what calls this is shown. */
export function useKeys(keys: readonly Key[]): void {
  const { add } = useKeyboard();
  const latest = useRef(keys);
  latest.current = keys;
  // With what is shown, not a moment after: a key may be pressed as soon as somebody sees what it is for.
  useLayoutEffect(() => add(() => latest.current), [add]);
}
