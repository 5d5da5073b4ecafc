/** One context: what is known, how it came to be so, and which answers rested on it. */

import { useCallback, useState } from "react";
import { useQuery } from "urql";
import { Link, useSearchParams } from "wouter";
import { ContextDocument, type ContextQuery } from "../../graph/operations.ts";
import { useFocusBack } from "../../parts/focus.ts";
import { Happened, Told } from "../../parts/Happened.tsx";
import { pretty } from "../../parts/JsonField.tsx";
import { LiveMark } from "../../parts/LiveMark.tsx";
import { Problem } from "../../parts/Problem.tsx";
import { Time } from "../../parts/Time.tsx";
import { usePageTitle } from "../../parts/title.ts";
import "../../styles/contexts.css";
import { type Change, useChanges } from "../../graph/changes.ts";
import { Acts } from "./Acts.tsx";
import { CitedBy } from "./CitedBy.tsx";
import { Edit } from "./Edit.tsx";
import { Versions } from "./Versions.tsx";

export type Known = NonNullable<ContextQuery["context"]>;

export function Context({ userId, id }: { userId: string; id: string }) {
  const [{ data, error }, ask] = useQuery({ query: ContextDocument, variables: { id } });
  const reload = useCallback(() => ask({ requestPolicy: "network-only" }), [ask]);
  const [happened, setHappened] = useState<Change>();
  const hear = useCallback(
    (change: Change) => {
      if (change.context.id !== id) return;
      setHappened(change);
      reload();
    },
    [id, reload],
  );
  const problem = useChanges(userId, hear);
  const [params] = useSearchParams();
  const known = data?.context;
  usePageTitle(known ? `${known.contextType} of ${nameOf(known)}` : "Context");
  if (error) return <Problem error={error} />;
  if (data && !known) return <h1>There is no such context</h1>;
  if (!known) return <p className="faint">The context is being loaded.</p>;
  return (
    <>
      <Heading known={known} problem={problem} happened={happened} />
      <div className="two">
        <Present known={known} reload={reload} />
        <div>
          <Versions known={known} chosen={Number(params.get("version")) || undefined} />
          <CitedBy id={id} />
        </div>
      </div>
    </>
  );
}

function nameOf({ user }: Known): string {
  return user.name ?? user.externalId;
}

type HeadingProps = { known: Known; problem: Error | undefined; happened: Change | undefined };

function Heading({ known, problem, happened }: HeadingProps) {
  return (
    <header>
      <p className="row apart">
        <Link href={`/users/${known.user.id}`}>{nameOf(known)}</Link>
        <LiveMark problem={problem} />
      </p>
      <h1>
        {known.contextType} {!known.isActive && <span className="tag bad">deleted</span>}
      </h1>
      <p className="row faint">
        <span>version {known.version}</span>
        {happened ? (
          <Happened to={happened} />
        ) : (
          <span>
            changed <Time at={known.updatedAt} />
          </span>
        )}
        <Told last={happened} />
        <span>
          created <Time at={known.createdAt} />
        </span>
        <span>{known.tokens} tokens</span>
        {known.expiresAt && (
          <span>
            expires <Time at={known.expiresAt} />
          </span>
        )}
        {known.conversation && (
          <Link href={`/conversations/${known.conversation.id}`}>{known.conversation.title ?? "its conversation"}</Link>
        )}
      </p>
    </header>
  );
}

/** As it stands; or being edited, from the version at which one began. */
function Present({ known, reload }: { known: Known; reload: () => void }) {
  const [base, setBase] = useState<Known>();
  const button = useFocusBack(base !== undefined);
  if (base) return <Edit key={base.version} base={base} present={known} setBase={setBase} reload={reload} />;
  return (
    <div>
      <Acts known={known} edit={() => setBase(known)} button={button} />
      <h2>What a model reads</h2>
      <pre>{known.text}</pre>
      <h2>Content</h2>
      <pre>{pretty(known.content)}</pre>
      <h2>Metadata</h2>
      <pre>{pretty(known.metadata)}</pre>
    </div>
  );
}
