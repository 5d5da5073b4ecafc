/** A user: what is known about them, what was said with them, and a place to ask. */

import type { CombinedError } from "@urql/core";
import { useState } from "react";
import { useQuery } from "urql";
import { Link, useLocation } from "wouter";
import { StorageDocument, UserDocument, type UserQuery } from "../../graph/operations.ts";
import { bytes, count } from "../../parts/amounts.ts";
import { Problem } from "../../parts/Problem.tsx";
import { useOnReturn } from "../../parts/returning.ts";
import { Time } from "../../parts/Time.tsx";
import { usePageTitle } from "../../parts/title.ts";
import { useIsService } from "../../session/viewer.ts";
import "../../styles/user.css";
import { Ask } from "../conversation/Ask.tsx";
import { Contexts } from "./contexts/Contexts.tsx";
import { Erase } from "./Erase.tsx";
import { Profile } from "./Profile.tsx";
import { Talks } from "./Talks.tsx";

export type Known = NonNullable<UserQuery["user"]>;

export function User({ id }: { id: string }) {
  const { user, isMissing, error, again } = useUser(id);
  const [, goTo] = useLocation();
  usePageTitle(user ? nameOf(user) : "User");
  if (isMissing) return <Missing />;
  if (!user && error) return <Unread error={error} again={again} />;
  if (!user) return <p className="faint">The user is being loaded.</p>;
  return (
    <>
      <Heading user={user} />
      <Problem error={error} />
      <section className="ask-anew" aria-labelledby="ask">
        <h2 id="ask">Ask</h2>
        <Ask userId={id} asked={(conversation) => goTo(`/conversations/${conversation}`)} />
      </section>
      <div className="user">
        <Contexts userId={id} />
        <div>
          <Profile userId={id} />
          <Talks userId={id} />
        </div>
      </div>
    </>
  );
}

function useUser(id: string) {
  const [{ data, error }, ask] = useQuery({ query: UserDocument, variables: { id } });
  const again = () => ask({ requestPolicy: "network-only" });
  useOnReturn(again);
  return { user: data?.user, isMissing: data?.user === null, error, again };
}

function Missing() {
  const isService = useIsService();
  return (
    <>
      <h1>There is no such user</h1>
      {isService && (
        <p>
          They may have been erased. <Link href="/users">All users</Link>
        </p>
      )}
    </>
  );
}

function Unread({ error, again }: { error: CombinedError; again: () => void }) {
  return (
    <>
      <h1>User</h1>
      <Problem error={error} />
      <button type="button" className="plain" onClick={again}>
        Try again
      </button>
    </>
  );
}

export function nameOf({ name, externalId }: Pick<Known, "name" | "externalId">): string {
  return name ?? externalId;
}

function Heading({ user }: { user: Known }) {
  const isService = useIsService();
  const [isErasing, setErasing] = useState(false);
  return (
    <header>
      <div className="row apart title">
        <h1>{nameOf(user)}</h1>
        {isService && (
          <button type="button" className="quiet" onClick={() => setErasing(true)}>
            Erase…
          </button>
        )}
      </div>
      <p className="facts faint">
        {user.name !== null && <span>{user.externalId}</span>}
        <span>
          first stored <Time at={user.createdAt} />
        </span>
        <Kept userId={user.id} />
      </p>
      {isErasing && <Erase user={user} close={() => setErasing(false)} />}
    </header>
  );
}

/** What is done to contexts changes it. */
const OF_CONTEXTS = { additionalTypenames: ["Context"] };

/** Measured apart: every context is read for it. */
function Kept({ userId }: { userId: string }) {
  const [{ data }] = useQuery({ query: StorageDocument, variables: { id: userId }, context: OF_CONTEXTS });
  const storage = data?.user?.storage;
  if (!storage) return null;
  const contexts = storage.contextCount === 1 ? "1 context" : `${count(storage.contextCount)} contexts`;
  return (
    <>
      <span>{contexts}</span>
      <span>{bytes(storage.bytes)} kept</span>
    </>
  );
}
