/** Writing a profile over the one that somebody has read, and seeing what stands if that is another one now. */

import { useState } from "react";
import { useClient, useMutation } from "urql";
import type { JsonObject } from "../../graph/json.ts";
import { type ProfileFragment, SetProfileDocument, UserProfileDocument } from "../../graph/operations.ts";
import { useWriteKey } from "../../parts/key.ts";
import { codeOf } from "../../parts/Problem.tsx";

type Standing = ProfileFragment | null;

export function useProfileWrite(userId: string, written: () => void) {
  const look = useLook(userId);
  const [{ error, fetching }, set] = useMutation(SetProfileDocument);
  const [theirs, setTheirs] = useState<Standing>();
  const [lost, setLost] = useState<Error>();
  const { keyFor } = useWriteKey();

  /** `over` is what it replaces: null, nothing. */
  async function write(content: JsonObject, over: Standing) {
    // Where nothing stands there is no version to name: so one looks first.
    const first = over ? undefined : await look();
    setLost(first?.error);
    if (first?.error) return;
    if (first?.standing) return setTheirs(first.standing);
    const input = { userId, content, expectedVersion: over?.version ?? null };
    // With its name a write that is sent again is no conflict with oneself.
    const { data, error } = await set({ input: { ...input, idempotencyKey: keyFor(input) } });
    if (data) {
      await look();
      return written();
    }
    if (!isOvertaken(codeOf(error), over)) return;
    const now = await look();
    setLost(now.error);
    setTheirs(now.standing);
  }

  const isTold = theirs !== undefined;
  return {
    write,
    isBusy: fetching,
    error: lost ?? (isTold ? undefined : error),
    /** What somebody else has made of it; null: nothing is left. Undefined while nobody was first. */
    theirs,
    forgetTheirs: () => setTheirs(undefined),
  };
}

/** A profile that was deleted is not found any more. */
function isOvertaken(code: string | undefined, over: Standing): boolean {
  return code === "CONFLICT" || (code === "NOT_FOUND" && over !== null);
}

/** What stands now, which the page then shows too; undefined if that cannot be known, or if there is no such user any more. */
function useLook(userId: string) {
  const client = useClient();
  return async (): Promise<{ standing?: Standing; error?: Error }> => {
    const { data, error } = await client.query(UserProfileDocument, { id: userId }, { requestPolicy: "network-only" });
    if (error) return { error };
    return data?.user ? { standing: data.user.profile } : { error: new Error("There is no such user any more.") };
  };
}
