/** The one profile document of a user: as one reads it, or being edited. */

import { useCallback, useState } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { type Change, useChanges } from "../../graph/changes.ts";
import { type ProfileFragment, UserProfileDocument } from "../../graph/operations.ts";
import { useFocusBack } from "../../parts/focus.ts";
import { Problem } from "../../parts/Problem.tsx";
import { Readable } from "../../parts/Readable.tsx";
import { useOnReturn } from "../../parts/returning.ts";
import { Time } from "../../parts/Time.tsx";
import { EditProfile } from "./EditProfile.tsx";

export function Profile({ userId }: { userId: string }) {
  const [isEditing, setEditing] = useState(false);
  const { profile, error } = useProfile(userId);
  const button = useFocusBack(isEditing);
  return (
    <section aria-labelledby="profile" className="profile">
      <div className="row apart">
        <h2 id="profile">Profile</h2>
        {!isEditing && profile !== undefined && (
          <button ref={button} type="button" className="plain" onClick={() => setEditing(true)}>
            {profile ? "Edit" : "Write one"}
          </button>
        )}
      </div>
      <Problem error={error} />
      {isEditing && profile !== undefined && (
        <EditProfile userId={userId} base={profile} end={() => setEditing(false)} />
      )}
      {!isEditing && profile !== undefined && <Shown userId={userId} profile={profile} />}
    </section>
  );
}

/** As it stands, whoever writes it. Undefined until it is known; null where there is none. */
function useProfile(userId: string) {
  const [{ data, error }, ask] = useQuery({ query: UserProfileDocument, variables: { id: userId } });
  const reload = useCallback(() => ask({ requestPolicy: "network-only" }), [ask]);
  const hear = useCallback((change: Change) => change.context.contextType === "profile" && reload(), [reload]);
  useChanges(userId, hear);
  useOnReturn(reload);
  return { profile: data?.user?.profile, error };
}

function Shown({ userId, profile }: { userId: string; profile: ProfileFragment | null }) {
  if (!profile) return <p className="faint">There is none. It would stand at the top of every prompt.</p>;
  return (
    <>
      <Readable value={profile.content} />
      <p className="faint">
        <Link href={`/users/${userId}/contexts/${profile.id}`}>Version {profile.version}</Link>, changed{" "}
        <Time at={profile.updatedAt} />
        {profile.expiresAt && (
          <>
            , expires <Time at={profile.expiresAt} />
          </>
        )}
      </p>
    </>
  );
}
