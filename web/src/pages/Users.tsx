/** Everybody the server knows something about. */

import { useQuery } from "urql";
import { Link } from "wouter";
import { UsersDocument } from "../graph/operations.ts";
import { Problem } from "../parts/Problem.tsx";
import { Time } from "../parts/Time.tsx";
import { usePageTitle } from "../parts/title.ts";

export function Users() {
  usePageTitle("Users");
  const [{ data, error }] = useQuery({ query: UsersDocument, variables: {} });
  return (
    <>
      <h1>Users</h1>
      <Problem error={error} />
      <table>
        <thead>
          <tr>
            <th>User</th>
            <th>Known since</th>
          </tr>
        </thead>
        <tbody>
          {data?.users.edges.map(({ node }) => (
            <tr key={node.id}>
              <td>
                <Link href={`/users/${node.id}`}>{node.name ?? node.externalId}</Link>
              </td>
              <td>
                <Time at={node.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
