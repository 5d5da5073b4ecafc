/** The users in pages: each asks for what follows the one before, so that none is missed when others come meanwhile. */

import { useEffect, useRef, useState } from "react";
import { useQuery } from "urql";
import { SizesDocument, UsersDocument } from "../../graph/operations.ts";
import { Problem } from "../../parts/Problem.tsx";
import { usePages } from "../../parts/pages.ts";
import { Nobody, NobodyFound } from "./Nobody.tsx";
import { type Size, UserRow } from "./UserRow.tsx";

type Props = { matching: string; showAll: () => void; add: () => void };

export function UserTable({ matching, showAll, add }: Props) {
  const { pages, more } = usePages();
  // The page that somebody has asked for just now: there the focus goes on.
  const [wanted, setWanted] = useState(0);
  const showMore = () => {
    setWanted(pages + 1);
    more();
  };
  const [{ data, error, fetching, operation }, ask] = useUsers(matching, null);
  // What was found last is shown until there is something newer.
  const searched = operation?.variables.matching;
  if (data?.users.edges.length === 0)
    return searched ? <NobodyFound matching={searched} showAll={showAll} /> : <Nobody add={add} />;
  if (error && !data)
    return (
      <>
        <Problem error={error} />
        <button type="button" className="plain" onClick={() => ask({ requestPolicy: "network-only" })}>
          Try again
        </button>
      </>
    );
  return (
    <table className="users" aria-busy={fetching}>
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col" className="number">
            Contexts
          </th>
          <th scope="col" className="number">
            Size
          </th>
          <th scope="col" className="since">
            Known since
          </th>
        </tr>
      </thead>
      <Page matching={matching} after={null} number={1} {...{ pages, wanted, showMore }} />
    </table>
  );
}

function useUsers(matching: string, after: string | null) {
  return useQuery({ query: UsersDocument, variables: { matching: matching || null, after } });
}

type PageProps = {
  matching: string;
  after: string | null;
  number: number;
  pages: number;
  wanted: number;
  showMore: () => void;
};

/** A page, and those after it. */
function Page(props: PageProps) {
  const { matching, after, number, pages, wanted, showMore } = props;
  const [{ data, error }, ask] = useUsers(matching, after);
  const users = data?.users.edges.map(({ node }) => node) ?? [];
  const { sizes, problem } = useSizes(users.map(({ id }) => id));
  const first = useFocus<HTMLAnchorElement>(number === wanted && users.length > 0);
  const { endCursor = null, hasNextPage = false } = data?.users.pageInfo ?? {};
  return (
    <>
      <tbody>
        {users.map((user, at) => (
          <UserRow key={user.id} user={user} size={sizes.get(user.id)} ref={at === 0 ? first : undefined} />
        ))}
      </tbody>
      {hasNextPage && number < pages ? (
        <Page {...props} number={number + 1} after={endCursor} />
      ) : (
        <tfoot>
          <tr>
            <td colSpan={4}>
              <Problem error={error ?? problem} />
              {error && <More act={() => ask({ requestPolicy: "network-only" })}>Try again</More>}
              {!error && hasNextPage && <More act={showMore}>Show more</More>}
              {!error && !data && <p className="faint">The users are being loaded.</p>}
            </td>
          </tr>
        </tfoot>
      )}
    </>
  );
}

function More({ act, children }: { act: () => void; children: string }) {
  return (
    <button type="button" className="plain" onClick={act}>
      {children}
    </button>
  );
}

/** What each has: every context of theirs is read for it, and so the rows are there first. */
function useSizes(ids: string[]) {
  const [{ data, error }] = useQuery({ query: SizesDocument, variables: { ids }, pause: ids.length === 0 });
  const sizes = new Map<string, Size>();
  for (const one of data?.nodes ?? []) if (one && "storage" in one) sizes.set(one.id, one.storage);
  return { sizes, problem: error };
}

/** Where the focus goes as soon as it is wanted there, without the page moving. */
function useFocus<Element extends HTMLElement>(isWanted: boolean) {
  const place = useRef<Element>(null);
  useEffect(() => {
    if (isWanted) place.current?.focus({ preventScroll: true });
  }, [isWanted]);
  return place;
}
