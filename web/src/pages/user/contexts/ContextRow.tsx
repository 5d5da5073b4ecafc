/** One context in a list. */

import type { ReactNode } from "react";
import { Link } from "wouter";
import type { ChangeKind } from "../../../graph/operations.ts";
import { Time } from "../../../parts/Time.tsx";
import type { Row } from "./list.ts";

const HAPPENED: Record<ChangeKind, string> = {
  CREATED: "new",
  UPDATED: "changed",
  DELETED: "deleted",
  RESTORED: "restored",
  EXPIRED: "expired",
};
const LONGEST = 400;

type Props = { userId: string; row: Row; children?: ReactNode };

export function ContextRow({ userId, row: { context, change }, children }: Props) {
  const text = context.text.length > LONGEST ? `${context.text.slice(0, LONGEST)}…` : context.text;
  return (
    // A row that changes is another one: it is marked for a moment.
    <li key={context.version} className={change ? "context fresh" : "context"}>
      <Link href={`/users/${userId}/contexts/${context.id}`} className={context.isActive ? "text" : "text gone"}>
        {text || "(empty)"}
      </Link>
      <p className="row faint">
        <span className="tag">{context.contextType}</span>
        {!context.isActive && <span className="tag bad">deleted</span>}
        <span>version {context.version}</span>
        <span>
          <Time at={context.createdAt} />
        </span>
        <span>{context.tokens} tokens</span>
        {context.expiresAt && (
          <span>
            expires <Time at={context.expiresAt} />
          </span>
        )}
        {change && (
          <span role="status" className="tag good">
            {HAPPENED[change]} just now
          </span>
        )}
      </p>
      {children}
    </li>
  );
}
