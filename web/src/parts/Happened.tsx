/** What has happened to a context while one looked, and when. */

import type { Change } from "../graph/changes.ts";
import type { ChangeKind } from "../graph/operations.ts";
import { Time } from "./Time.tsx";

const HAPPENED: Record<ChangeKind, string> = {
  CREATED: "new",
  UPDATED: "changed",
  DELETED: "deleted",
  RESTORED: "restored",
  EXPIRED: "expired",
};

export function Happened({ to: { change, context } }: { to: Pick<Change, "change" | "context"> }) {
  const at = change === "EXPIRED" ? (context.expiresAt ?? context.updatedAt) : context.updatedAt;
  return (
    <span className="tag good">
      {HAPPENED[change]} <Time at={at} />
    </span>
  );
}

/** The same for who does not see it. Without the time: each minute it would be told again. */
export function Told({ last }: { last: Change | undefined }) {
  return (
    <span role="status" className="hidden">
      {last && `${last.context.contextType} ${HAPPENED[last.change]}, version ${last.context.version}`}
    </span>
  );
}
