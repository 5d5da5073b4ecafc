/** Erasing a user for good: one sees first what would go, and types whose it is. */

import { type SyntheticEvent, useEffect, useState } from "react";
import { useMutation } from "urql";
import { useLocation } from "wouter";
import { EraseUserDocument } from "../../graph/operations.ts";
import { Dialog } from "../../parts/Dialog.tsx";
import { Problem } from "../../parts/Problem.tsx";
import type { AfterErasure } from "../users/Erased.tsx";
import { inWords, kinds } from "./counts.ts";
import { type Known, nameOf } from "./User.tsx";

/** What is asked anew once they are gone. */
const STALE = { additionalTypenames: ["User", "Context", "Conversation", "Response"] };

export function Erase({ user, close }: { user: Known; close: () => void }) {
  const [counted, count] = useMutation(EraseUserDocument);
  const [erased, erase] = useMutation(EraseUserDocument);
  const [typed, setTyped] = useState("");
  const [, goTo] = useLocation();
  const counts = counted.data?.eraseUser.counts;
  useEffect(() => {
    count({ input: { userId: user.id, dryRun: true } });
  }, [count, user.id]);

  async function submit(event: SyntheticEvent<HTMLFormElement>) {
    event.preventDefault();
    const { data } = await erase({ input: { userId: user.id, dryRun: false } }, STALE);
    if (!data) return;
    const state: AfterErasure = { erased: `${nameOf(user)} was erased, with ${inWords(data.eraseUser.counts)}.` };
    goTo("/users", { state });
  }

  return (
    <Dialog title={`Erase ${nameOf(user)}`} close={close}>
      <form className="fields" onSubmit={submit}>
        <p>All that is known about this user goes, for good: it cannot be brought back.</p>
        <Problem error={counted.error} />
        {counts === undefined && !counted.error && <p className="faint">It is being counted.</p>}
        {counts !== undefined && (
          <dl className="counts">
            {kinds(counts).map(({ names: [, name], count }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="number">{count}</dd>
              </div>
            ))}
          </dl>
        )}
        <div>
          <label htmlFor="external-id">
            Type <code>{user.externalId}</code> to confirm
          </label>
          <input
            id="external-id"
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
        <Problem error={erased.error} />
        <div className="row">
          <button
            type="submit"
            className="bad"
            disabled={typed !== user.externalId || counts === undefined || erased.fetching}
          >
            Erase for good
          </button>
          <button type="button" className="plain" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
