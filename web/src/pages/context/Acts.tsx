/** What one can do with a context. */

import { type RefObject, useEffect, useRef } from "react";
import { type OperationResult, useMutation } from "urql";
import { DeleteContextDocument, RestoreContextDocument } from "../../graph/operations.ts";
import { Problem } from "../../parts/Problem.tsx";
import type { Known } from "./Context.tsx";

type Props = { known: Known; edit: () => void; button: RefObject<HTMLButtonElement | null> };

export function Acts({ known, edit, button }: Props) {
  const [deletion, remove] = useMutation(DeleteContextDocument);
  const [restoring, restore] = useMutation(RestoreContextDocument);
  const { id, version, isActive } = known;
  const hasActedOn = useRef<boolean>(undefined);
  // The button that was pressed is gone then.
  useEffect(() => {
    if (hasActedOn.current !== !isActive) return;
    hasActedOn.current = undefined;
    button.current?.focus();
  }, [isActive, button]);
  const act = async (pressed: () => Promise<OperationResult>) => {
    hasActedOn.current = isActive;
    if ((await pressed()).error) hasActedOn.current = undefined;
  };
  return (
    <>
      <div className="row">
        {isActive ? (
          <>
            <button ref={button} type="button" onClick={edit}>
              Edit
            </button>
            <button
              type="button"
              className="bad"
              disabled={deletion.fetching}
              onClick={() => act(() => remove({ input: { id, expectedVersion: version } }))}
            >
              Delete
            </button>
          </>
        ) : (
          <button
            ref={button}
            type="button"
            disabled={restoring.fetching}
            onClick={() => act(() => restore({ input: { id, version, expectedVersion: version } }))}
          >
            Restore
          </button>
        )}
      </div>
      <Problem error={deletion.error ?? restoring.error} />
    </>
  );
}
