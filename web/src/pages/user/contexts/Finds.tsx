/** What a search finds, best first, with how well each part of it fits. */

import { useQuery } from "urql";
import { SearchContextsDocument, type SearchContextsQuery } from "../../../graph/operations.ts";
import { Problem } from "../../../parts/Problem.tsx";
import type { Asked } from "./address.ts";
import { ContextRow } from "./ContextRow.tsx";

type Find = NonNullable<SearchContextsQuery["user"]>["search"]["edges"][number];

export function Finds({ userId, asked }: { userId: string; asked: Asked }) {
  const filter = { contextTypes: asked.types.length ? asked.types : null, includeInactive: asked.includeInactive };
  const variables = { user: userId, query: asked.query, mode: asked.mode, filter };
  const [{ data, error, fetching }] = useQuery({
    query: SearchContextsDocument,
    variables,
    requestPolicy: "network-only",
  });
  if (error) return <Problem error={error} />;
  const finds = data?.user?.search.edges;
  if (!finds) return <p className="faint">It is being searched.</p>;
  return (
    <>
      <p role="status" className="faint">
        {finds.length === 0 ? "Nothing that is known fits." : `${finds.length} found, best first`}
      </p>
      <ul className="plain-list" aria-busy={fetching}>
        {finds.map((find) => (
          <ContextRow key={find.node.id} userId={userId} row={{ context: find.node }}>
            <Scores find={find} />
          </ContextRow>
        ))}
      </ul>
    </>
  );
}

function Scores({ find: { score, keywordScore, semanticScore } }: { find: Find }) {
  const parts = [
    keywordScore !== null && `words ${keywordScore.toFixed(2)}`,
    semanticScore !== null && `meaning ${semanticScore.toFixed(2)}`,
  ].filter(Boolean);
  return (
    <p className="row scores">
      <meter min={0} max={1} value={score} aria-label="Score" />
      <strong>{score.toFixed(2)}</strong>
      <span className="faint">{parts.length ? parts.join(" · ") : "stands beside a find"}</span>
    </p>
  );
}
