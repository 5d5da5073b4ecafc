/** The types of contexts that there are, with how many of each; one chooses some of them. */

import { useEffect } from "react";
import { useQuery } from "urql";
import { ContextTypesDocument } from "../../../graph/operations.ts";
import { count } from "../../../parts/amounts.ts";

type Props = {
  userId: string;
  chosen: string[];
  choose: (types: string[]) => void;
  /** Counts what has happened: each time it is another, the numbers are read anew. */
  changes: number;
};

export function Types({ userId, chosen, choose, changes }: Props) {
  const [{ data }, reload] = useQuery({ query: ContextTypesDocument, variables: { user: userId } });
  useEffect(() => {
    if (changes > 0) reload({ requestPolicy: "network-only" });
  }, [changes, reload]);
  const toggle = (type: string) =>
    choose(chosen.includes(type) ? chosen.filter((one) => one !== type) : [...chosen, type]);
  const types = data?.user?.contextTypes ?? [];
  if (types.length < 2 && chosen.length === 0) return null;
  return (
    <fieldset className="chips">
      <legend className="hidden">Types</legend>
      {types.map(({ contextType, contexts }) => (
        <button
          key={contextType}
          type="button"
          className="chip"
          aria-pressed={chosen.includes(contextType)}
          onClick={() => toggle(contextType)}
        >
          {contextType} <span className="faint">{count(contexts)}</span>
        </button>
      ))}
      {chosen.length > 0 && (
        <button type="button" className="quiet" onClick={() => choose([])}>
          All types
        </button>
      )}
    </fieldset>
  );
}
