/** Where the focus is when something is over. */

import { useEffect, useRef } from "react";

/** The button that begins something has the focus again when it is over. */
export function useFocusBack(isGoingOn: boolean) {
  const button = useRef<HTMLButtonElement>(null);
  const wasGoingOn = useRef(false);
  useEffect(() => {
    if (wasGoingOn.current && !isGoingOn) button.current?.focus();
    wasGoingOn.current = isGoingOn;
  }, [isGoingOn]);
  return button;
}
