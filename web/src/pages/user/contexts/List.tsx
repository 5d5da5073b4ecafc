/** All contexts that are wanted, newest first, kept up to date. */

import { useState } from "react";
import { type CombinedError, useClient, useQuery } from "urql";
import type { Change } from "../../../graph/changes.ts";
import { ContextsDocument } from "../../../graph/operations.ts";
import { count } from "../../../parts/amounts.ts";
import { Told } from "../../../parts/Happened.tsx";
import { Problem } from "../../../parts/Problem.tsx";
import { useAsked } from "./address.ts";
import { ContextRow } from "./ContextRow.tsx";
import { joined, type Listed, rowsOf, type Wanted } from "./list.ts";

type Props = { userId: string; wanted: Wanted; newest: ReadonlyMap<string, Change> };

export function List({ userId, wanted, newest }: Props) {
  const filter = { contextTypes: wanted.types.length ? wanted.types : null, includeInactive: wanted.includeInactive };
  return <Pages key={JSON.stringify(filter)} userId={userId} wanted={wanted} filter={filter} newest={newest} />;
}

type Filter = { contextTypes: string[] | null; includeInactive: boolean };
type Further = { contexts: Listed[]; after: string | null | undefined };

function Pages({ userId, wanted, filter, newest }: Props & { filter: Filter }) {
  const client = useClient();
  const [{ data, error }] = useQuery({ query: ContextsDocument, variables: { user: userId, filter } });
  const [further, setFurther] = useState<Further>();
  const [failure, setFailure] = useState<CombinedError>();
  const [focused, setFocused] = useState<string>();
  const first = data?.user?.contexts;
  const read = joined(first?.edges.map(({ node }) => node) ?? [], further?.contexts ?? []);
  const after = further ? further.after : first?.pageInfo.hasNextPage ? first.pageInfo.endCursor : null;

  async function more() {
    const found = await client.query(ContextsDocument, { user: userId, filter, after: after ?? null }).toPromise();
    setFailure(found.error);
    const page = found.data?.user?.contexts;
    if (!page) return;
    const contexts = page.edges.map(({ node }) => node);
    setFurther({ contexts: [...read, ...contexts], after: page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null });
    setFocused(contexts[0]?.id);
  }

  if (error && !first) return <Problem error={error} />;
  if (!first) return <p className="faint">The contexts are being loaded.</p>;
  const rows = rowsOf(read, !after, newest, wanted);
  return (
    <>
      <Counted shown={rows.length} total={first.totalCount} />
      <Told last={[...newest.values()].at(-1)} />
      <ul className="plain-list">
        {rows.map((row) => (
          <ContextRow key={row.context.id} userId={userId} row={row} isFocused={row.context.id === focused} />
        ))}
      </ul>
      <Problem error={failure ?? error} />
      {after && (
        <button type="button" className="plain" onClick={more}>
          Show more
        </button>
      )}
    </>
  );
}

function Counted({ shown, total }: { shown: number; total: number }) {
  const [asked, ask] = useAsked();
  return (
    <div className="row apart">
      <p className="faint">
        {shown === 0 ? "Nothing is known of this kind." : `${count(shown)} of ${count(Math.max(total, shown))}`}
      </p>
      <label className="check">
        <input
          type="checkbox"
          checked={asked.includeInactive}
          onChange={(event) => ask({ includeInactive: event.target.checked })}
        />{" "}
        Deleted ones too
      </label>
    </div>
  );
}
