/** What there is in the store just now, and who has the most of it. */

import { Link } from "wouter";
import type { StoreQuery } from "../../graph/operations.ts";
import { bytes, count, decimal } from "../../parts/amounts.ts";

type Stats = StoreQuery["stats"];

export function StoreNow({ stats }: { stats: Stats }) {
  const about = stats.isEstimated ? "about " : "";
  return (
    <dl className="tiles">
      <Tile name="Users" value={about + count(stats.users)} />
      <Tile name="Contexts" value={about + count(stats.contexts)} />
      <Tile name="Answers" value={about + count(stats.responses)} />
      <Tile name="On disk" value={bytes(stats.bytes)} />
      <Tile name="Rating" value={stats.averageRating === null ? "none yet" : `${decimal(stats.averageRating)} of 5`} />
    </dl>
  );
}

function Tile({ name, value }: { name: string; value: string }) {
  return (
    <div className="card">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

export function LargestUsers({ users }: { users: Stats["largestUsers"] }) {
  return (
    <>
      <h2>Largest users</h2>
      {users.length === 0 ? <p className="empty">Nobody has more than others.</p> : <Rows users={users} />}
    </>
  );
}

function Rows({ users }: { users: Stats["largestUsers"] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col" className="number">
            Contexts
          </th>
          <th scope="col" className="number">
            Size
          </th>
        </tr>
      </thead>
      <tbody>
        {users.map(
          ({ user, contexts, bytes: size }) =>
            user && (
              <tr key={user.id}>
                <th scope="row" className="name">
                  <Link href={`/users/${user.id}`}>{user.name ?? user.externalId}</Link>
                </th>
                <td className="number">{count(contexts)}</td>
                <td className="number">{bytes(size)}</td>
              </tr>
            ),
        )}
      </tbody>
    </table>
  );
}
