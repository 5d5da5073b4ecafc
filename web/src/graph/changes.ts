/** What happens to the contexts of a user while one looks, whoever does it. */

import { useEffect, useState } from "react";
import { follow } from "./client.ts";
import { ContextChangesDocument, type ContextChangesSubscription } from "./operations.ts";

export type Change = ContextChangesSubscription["contextChanges"];

/** Calls `hear` with each change. Gives why there is no more to hear, if so. */
export function useChanges(userId: string, hear: (change: Change) => void): Error | undefined {
  const [problem, setProblem] = useState<Error>();
  useEffect(() => {
    let seen: string | null = null;
    const variables = {
      user: userId,
      // After a lost connection what was missed comes first.
      get after() {
        return seen;
      },
    };
    return follow(ContextChangesDocument, variables, {
      next({ contextChanges: change }) {
        seen = change.cursor;
        hear(change);
      },
      refused: setProblem,
    });
  }, [userId, hear]);
  return problem;
}

/** The newest change of each context that has changed since one came. */
export function useNewest(userId: string): { newest: ReadonlyMap<string, Change>; problem: Error | undefined } {
  const [newest, setNewest] = useState<ReadonlyMap<string, Change>>(new Map());
  const [hear] = useState(() => (change: Change) => setNewest((before) => told(before, change)));
  return { newest, problem: useChanges(userId, hear) };
}

/** After a lost connection a change may come twice. */
function told(before: ReadonlyMap<string, Change>, change: Change): ReadonlyMap<string, Change> {
  const known = before.get(change.context.id);
  if (known && known.context.version >= change.context.version) return before;
  const after = new Map(before);
  // So that the newest is the last.
  after.delete(change.context.id);
  return after.set(change.context.id, change);
}
