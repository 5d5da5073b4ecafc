/** Coming back to a page that was out of sight: it may have grown old. */

import { useEffect, useEffectEvent } from "react";

export function useOnReturn(act: () => void): void {
  const onReturn = useEffectEvent(() => {
    if (document.visibilityState === "visible") act();
  });
  useEffect(() => {
    document.addEventListener("visibilitychange", onReturn);
    return () => document.removeEventListener("visibilitychange", onReturn);
  }, []);
}
