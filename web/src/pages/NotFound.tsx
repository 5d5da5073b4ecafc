/** An address that leads nowhere. */

import { Link } from "wouter";
import { usePageTitle } from "../parts/title.ts";

export function NotFound() {
  usePageTitle("Not found");
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        Begin again at <Link href="/">the first page</Link>.
      </p>
    </>
  );
}
