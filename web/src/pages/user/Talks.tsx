/** The conversations of a user, the newest first, in pages. */

import { useEffect, useRef, useState } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { UserConversationsDocument, type UserConversationsQuery } from "../../graph/operations.ts";
import { Problem } from "../../parts/Problem.tsx";
import { Time } from "../../parts/Time.tsx";

type Talk = NonNullable<UserConversationsQuery["user"]>["conversations"]["edges"][number]["node"];

const LONGEST = 120;

export function Talks({ userId }: { userId: string }) {
  const [pages, setPages] = useState(1);
  return (
    <section aria-labelledby="conversations">
      <h2 id="conversations">Conversations</h2>
      <Page userId={userId} after={null} number={1} pages={pages} more={() => setPages(pages + 1)} />
    </section>
  );
}

type Props = { userId: string; after: string | null; number: number; pages: number; more: () => void };

/** A page, and those after it. */
function Page({ userId, after, number, pages, more }: Props) {
  const [{ data, error }] = useQuery({ query: UserConversationsDocument, variables: { id: userId, after } });
  const first = useRef<HTMLAnchorElement>(null);
  const found = data?.user?.conversations;
  const isNew = number > 1 && Boolean(found);
  useEffect(() => {
    if (isNew) first.current?.focus({ preventScroll: true });
  }, [isNew]);
  if (error) return <Problem error={error} />;
  if (!found) return <p className="faint">The conversations are being loaded.</p>;
  if (number === 1 && found.edges.length === 0) return <p className="faint">There are none yet.</p>;
  const { endCursor, hasNextPage } = found.pageInfo;
  return (
    <>
      <ul className="plain-list talks">
        {found.edges.map(({ node }, at) => (
          <li key={node.id}>
            <Link href={`/conversations/${node.id}`} ref={at === 0 ? first : undefined}>
              {titleOf(node)}
            </Link>{" "}
            <span className="faint">
              <Time at={node.createdAt} />
            </span>
          </li>
        ))}
      </ul>
      {hasNextPage && number < pages && (
        <Page userId={userId} after={endCursor} number={number + 1} pages={pages} more={more} />
      )}
      {hasNextPage && number === pages && (
        <button type="button" className="plain" onClick={more}>
          Show more conversations
        </button>
      )}
    </>
  );
}

/** One that nobody has named is known by what was asked in it last. */
function titleOf({ title, responses }: Talk): string {
  const asked = title ?? responses.edges[0]?.node.message ?? "Untitled";
  return asked.length > LONGEST ? `${asked.slice(0, LONGEST)}…` : asked;
}
