/** The answers whose prompt held a context. */

import { useQuery } from "urql";
import { Link } from "wouter";
import { CitedByDocument } from "../../graph/operations.ts";
import { count } from "../../parts/amounts.ts";
import { Problem } from "../../parts/Problem.tsx";
import { Time } from "../../parts/Time.tsx";

export function CitedBy({ id }: { id: string }) {
  const [{ data, error }] = useQuery({ query: CitedByDocument, variables: { id } });
  const cited = data?.context?.citedBy;
  return (
    <section aria-labelledby="cited">
      <h2 id="cited">Answers that were given it</h2>
      <Problem error={error} />
      {cited?.totalCount === 0 && <p className="faint">None yet.</p>}
      <ul className="plain-list versions">
        {cited?.edges.map(({ node }) => (
          <li key={node.id}>
            <Link href={`/conversations/${node.conversation.id}`}>{node.message}</Link>{" "}
            <span className="faint">
              <Time at={node.createdAt} />
            </span>
          </li>
        ))}
      </ul>
      {cited && cited.totalCount > cited.edges.length && (
        <p className="faint">The newest of {count(cited.totalCount)}.</p>
      )}
    </section>
  );
}
