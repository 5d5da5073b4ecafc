/** One context in a list. */

import { type ReactNode, useEffect, useRef } from "react";
import { Link } from "wouter";
import { Happened } from "../../../parts/Happened.tsx";
import { Time } from "../../../parts/Time.tsx";
import type { Row } from "./list.ts";

const LONGEST = 400;

type Props = { userId: string; row: Row; isFocused?: boolean; children?: ReactNode };

export function ContextRow({ userId, row: { context, change }, isFocused = false, children }: Props) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isFocused) link.current?.focus({ preventScroll: true });
  }, [isFocused]);
  const text = context.text.length > LONGEST ? `${context.text.slice(0, LONGEST)}…` : context.text;
  return (
    // A row that changes is another one: it is marked for a moment.
    <li key={context.version} className={change ? "context fresh" : "context"}>
      <Link
        ref={link}
        href={`/users/${userId}/contexts/${context.id}`}
        className={context.isActive ? "text" : "text gone"}
      >
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
        {change && <Happened to={{ change, context }} />}
      </p>
      {children}
    </li>
  );
}
