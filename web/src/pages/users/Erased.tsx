/** Said once, to whoever has just erased a user. */

import { useEffect, useState } from "react";
import { navigate, useHistoryState } from "wouter/use-browser-location";

/** What an erasure leaves with the entry of the history that it goes to. */
export type AfterErasure = { erased: string };

export function Erased() {
  const kept = useHistoryState<Partial<AfterErasure> | null>();
  const [erased] = useState(kept?.erased);
  useEffect(() => {
    // A reload need not say it again.
    if (erased) navigate("/users", { replace: true });
  }, [erased]);
  if (!erased) return null;
  return (
    <p className="done" role="status">
      {erased}
    </p>
  );
}
