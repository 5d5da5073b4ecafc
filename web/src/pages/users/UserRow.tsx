/** A user in a line. */

import type { Ref } from "react";
import { Link } from "wouter";
import type { SizesQuery, UsersQuery } from "../../graph/operations.ts";
import { bytes, count } from "../../parts/amounts.ts";
import { Time } from "../../parts/Time.tsx";

type Listed = UsersQuery["users"]["edges"][number]["node"];
export type Size = Extract<NonNullable<SizesQuery["nodes"][number]>, { storage: unknown }>["storage"];

type Props = { user: Listed; size: Size | undefined; ref: Ref<HTMLAnchorElement> | undefined };

export function UserRow({ user, size, ref }: Props) {
  return (
    <tr>
      <th scope="row" className="name">
        <Link href={`/users/${user.id}`} ref={ref}>
          {user.name ?? user.externalId}
        </Link>
        {user.name !== null && <div className="faint">{user.externalId}</div>}
      </th>
      <td className="number">{size ? count(size.contextCount) : <Waiting />}</td>
      <td className="number">{size ? bytes(size.bytes) : <Waiting />}</td>
      <td className="since">
        <Time at={user.createdAt} />
      </td>
    </tr>
  );
}

function Waiting() {
  return (
    <span className="faint" aria-hidden="true">
      …
    </span>
  );
}
