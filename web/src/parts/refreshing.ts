/** Looking again while somebody looks. */

import { useEffect, useRef, useState } from "react";

/** Call it each so many milliseconds while the page is visible, and when it becomes so again after longer than that. */
export function useWhileVisible(call: () => void, milliseconds: number): void {
  const latest = useRef(call);
  useEffect(() => {
    latest.current = call;
  });
  useEffect(() => {
    let last = Date.now();
    const look = () => {
      if (document.visibilityState !== "visible" || Date.now() - last < milliseconds) return;
      last = Date.now();
      latest.current();
    };
    const timer = setInterval(look, Math.min(milliseconds, 1000));
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [milliseconds]);
}

/** The value, or while there is none the one that there was last. */
export function useKept<Value>(value: Value | undefined): Value | undefined {
  const [kept, setKept] = useState(value);
  if (value !== undefined && value !== kept) setKept(value);
  return value ?? kept;
}
