/** Everybody the server knows something about. */

import { useState } from "react";
import { useQuery } from "urql";
import { UserCountDocument } from "../../graph/operations.ts";
import { count } from "../../parts/amounts.ts";
import { usePageTitle } from "../../parts/title.ts";
import "../../styles/users.css";
import { AddUser } from "./AddUser.tsx";
import { Erased } from "./Erased.tsx";
import { SearchField, useSearched } from "./SearchField.tsx";
import { UserTable } from "./UserTable.tsx";

export function Users() {
  usePageTitle("Users");
  const { asked, typed, type, search } = useSearched();
  const [isAdding, setAdding] = useState(false);
  const add = () => setAdding(true);
  return (
    <>
      <div className="row apart">
        <h1>Users</h1>
        <button type="button" onClick={add}>
          Add a user
        </button>
      </div>
      <Erased />
      <SearchField typed={typed} type={type} search={search} />
      <HowMany matching={asked} />
      <UserTable matching={asked} showAll={() => search("")} add={add} />
      {isAdding && <AddUser close={() => setAdding(false)} />}
    </>
  );
}

/** Counted apart, so that the rows need not wait for it. */
function HowMany({ matching }: { matching: string }) {
  const [{ data, fetching }] = useQuery({ query: UserCountDocument, variables: { matching: matching || null } });
  const total = data?.users.totalCount;
  return (
    <p className="faint" role="status" aria-busy={fetching}>
      {total !== undefined && told(total, matching)}
    </p>
  );
}

function told(total: number, matching: string): string {
  if (total === 0) return matching && "No user matches";
  const users = total === 1 ? "1 user" : `${count(total)} users`;
  if (!matching) return users;
  return total === 1 ? `${users} matches` : `${users} match`;
}
