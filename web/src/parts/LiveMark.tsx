/** Whether what is shown follows what happens. */

import { useSyncExternalStore } from "react";
import { connection } from "../graph/client.ts";

export function LiveMark({ problem }: { problem?: Error | undefined }) {
  const state = useSyncExternalStore(connection.subscribe, connection.get);
  if (problem) return <span className="tag bad">Not live: {problem.message}</span>;
  return (
    <span role="status" className={state === "live" ? "tag good" : "tag warn"}>
      {state === "live" ? "Live" : "Connection lost, trying again"}
    </span>
  );
}
