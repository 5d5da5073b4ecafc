/** What one can do with a context. */

import { useMutation } from "urql";
import { DeleteContextDocument, RestoreContextDocument } from "../../graph/operations.ts";
import { Problem } from "../../parts/Problem.tsx";
import type { Known } from "./Context.tsx";

export function Acts({ known, edit }: { known: Known; edit: () => void }) {
  const [deletion, remove] = useMutation(DeleteContextDocument);
  const [restoring, restore] = useMutation(RestoreContextDocument);
  const { id, version } = known;
  return (
    <>
      <div className="row">
        {known.isActive ? (
          <>
            <button type="button" onClick={edit}>
              Edit
            </button>
            <button
              type="button"
              className="bad"
              disabled={deletion.fetching}
              onClick={() => remove({ input: { id, expectedVersion: version } })}
            >
              Delete
            </button>
          </>
        ) : (
          <button
            type="button"
            disabled={restoring.fetching}
            onClick={() => restore({ input: { id, version, expectedVersion: version } })}
          >
            Restore
          </button>
        )}
      </div>
      <Problem error={deletion.error ?? restoring.error} />
    </>
  );
}
