/** What is known about a user: by type, by search, and as it changes. */

import { useState } from "react";
import { LiveMark } from "../../../parts/LiveMark.tsx";
import "../../../styles/contexts.css";
import { useNewest } from "../../../graph/changes.ts";
import { Add } from "./Add.tsx";
import { useAsked } from "./address.ts";
import { Finds } from "./Finds.tsx";
import { List } from "./List.tsx";
import { Search } from "./Search.tsx";
import { Types } from "./Types.tsx";

export function Contexts({ userId }: { userId: string }) {
  const [asked, ask] = useAsked();
  const [isAdding, setAdding] = useState(false);
  const { newest, problem } = useNewest(userId);
  return (
    <section aria-labelledby="contexts" className="contexts">
      <div className="row apart">
        <h2 id="contexts">Contexts</h2>
        <div className="row">
          <LiveMark problem={problem} />
          <button type="button" className="plain" onClick={() => setAdding(true)}>
            Add
          </button>
        </div>
      </div>
      <Search asked={asked} ask={ask} />
      <Types userId={userId} chosen={asked.types} choose={(types) => ask({ types })} changes={newest.size} />
      {asked.query.trim() ? (
        <Finds userId={userId} asked={asked} />
      ) : (
        <List userId={userId} wanted={asked} newest={newest} />
      )}
      {isAdding && <Add userId={userId} close={() => setAdding(false)} />}
    </section>
  );
}
