/** What is asked once when the page opens: whether the credential is good, and the ids for the starter tabs. */

import { createUrql } from "../graph/client.ts";
import { OpeningDocument } from "../graph/operations.ts";
import { codeOf } from "../parts/Problem.tsx";
import { currentKey } from "../session/key.ts";
import type { SignInProblem } from "../session/viewer.ts";
import { bringUpToDate } from "./kept.ts";
import { SEEDED, type Starter, starters } from "./starters.ts";

type Opened = { refused: SignInProblem; tabs?: never } | { refused?: never; tabs: Starter[] };

export async function opening(): Promise<Opened> {
  if (!currentKey()) return { refused: "none" };
  const { data, error } = await createUrql().query(OpeningDocument, { externalId: SEEDED }).toPromise();
  if (error && codeOf(error) === "UNAUTHENTICATED") return { refused: error };
  // A user's own credential reaches nobody else.
  const user = data?.viewer.user ?? data?.user ?? undefined;
  const tabs = starters(user);
  if (data) bringUpToDate(tabs, user?.id ?? "");
  return { tabs };
}
