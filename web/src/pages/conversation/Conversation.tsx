/** A conversation: what was asked and answered, live, and what each answer rests on. */

import { useCallback, useEffect, useRef } from "react";
import { Link } from "wouter";
import { LiveMark } from "../../parts/LiveMark.tsx";
import { Problem } from "../../parts/Problem.tsx";
import { Time } from "../../parts/Time.tsx";
import { usePageTitle } from "../../parts/title.ts";
import "../../styles/conversation.css";
import { type Change, useChanges } from "../../graph/changes.ts";
import { Ask } from "./Ask.tsx";
import { Asked, Exchange } from "./Exchange.tsx";
import { type Entry, type Talk, type Turn, useTalk } from "./exchange.ts";

export function Conversation({ id }: { id: string }) {
  const { talk, isMissing, isLoading, error, entries, loadEarlier, reload } = useTalk(id);
  usePageTitle(talk ? titleOf(talk) : "Conversation");
  if (isMissing) return <h1>There is no such conversation</h1>;
  return (
    <div className="conversation">
      {talk && <Heading talk={talk} reload={reload} />}
      <Problem error={error} />
      {isLoading && <p className="faint">The conversation is being loaded.</p>}
      {loadEarlier && (
        <button type="button" className="plain" onClick={loadEarlier}>
          Show earlier
        </button>
      )}
      <Entries entries={entries} />
      {talk?.isActive && <Ask userId={talk.user.id} conversationId={id} asked={reload} />}
    </div>
  );
}

function titleOf(talk: Talk): string {
  return talk.title ?? `Conversation with ${talk.user.name ?? talk.user.externalId}`;
}

function Heading({ talk, reload }: { talk: Talk; reload: () => void }) {
  // A turn that has come from elsewhere, or is gone.
  const hear = useCallback((change: Change) => change.context.contextType === "conversation" && reload(), [reload]);
  const problem = useChanges(talk.user.id, hear);
  return (
    <header>
      <div className="row apart">
        <h1>{titleOf(talk)}</h1>
        <LiveMark problem={problem} />
      </div>
      <p className="faint">
        <Link href={`/users/${talk.user.id}`}>{talk.user.name ?? talk.user.externalId}</Link>, begun{" "}
        <Time at={talk.createdAt} />
        {!talk.isActive && ", deleted"}
      </p>
    </header>
  );
}

function Entries({ entries }: { entries: Entry[] }) {
  const last = useRef<HTMLDivElement>(null);
  const newest = entries.at(-1)?.at;
  useEffect(() => {
    if (newest) last.current?.scrollIntoView();
  }, [newest]);
  return entries.map((entry) => (
    <div key={"answer" in entry ? entry.answer.id : entry.turn.id} ref={entry.at === newest ? last : undefined}>
      {"answer" in entry ? (
        <Exchange stored={entry.answer} isNewest={entry.at === newest} />
      ) : (
        <Told turn={entry.turn} />
      )}
    </div>
  ));
}

/** A turn that the application has stored itself: no answer was generated for it here. */
function Told({ turn }: { turn: Turn }) {
  const { user_message: asked, message, role } = turn.content as Record<string, unknown>;
  return (
    <article className="exchange" aria-label="A stored turn">
      <div className="talk">
        {typeof asked === "string" && <Asked text={asked} at={turn.createdAt} />}
        {typeof message === "string" && role === "user" && <Asked text={message} at={turn.createdAt} />}
        {typeof message === "string" && role !== "user" && (
          <div className="answer">
            <p className="said">{message}</p>
          </div>
        )}
      </div>
      <aside>
        <p className="faint">Stored by the application, not generated here.</p>
      </aside>
    </article>
  );
}
