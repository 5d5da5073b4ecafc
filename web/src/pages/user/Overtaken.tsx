/** Someone else was first: what they have written, beside one's own text, and the choice between them. */

import type { ProfileFragment } from "../../graph/operations.ts";
import { Dialog } from "../../parts/Dialog.tsx";
import { pretty } from "../../parts/JsonField.tsx";
import { Time } from "../../parts/Time.tsx";

type Props = {
  theirs: ProfileFragment | null;
  mine: string;
  isBusy: boolean;
  write: () => void;
  take: () => void;
  close: () => void;
};

export function Overtaken({ theirs, mine, isBusy, write, take, close }: Props) {
  return (
    <Dialog title="Someone else was first" close={close} className="wide">
      <p>
        {theirs ? "The profile was changed" : "The profile was deleted"} while you were writing. Nothing of yours has
        been saved yet.
      </p>
      <div className="beside">
        <section aria-labelledby="theirs">
          <h3 id="theirs">
            What stands now{" "}
            {theirs && (
              <span className="faint">
                version {theirs.version}, <Time at={theirs.updatedAt} />
              </span>
            )}
          </h3>
          {theirs ? <pre>{pretty(theirs.content)}</pre> : <p className="faint">There is no profile.</p>}
        </section>
        <section aria-labelledby="mine">
          <h3 id="mine">Yours</h3>
          <pre>{mine}</pre>
        </section>
      </div>
      <div className="row">
        <button type="button" disabled={isBusy} onClick={write}>
          Write mine over it
        </button>
        <button type="button" className="plain" onClick={take}>
          {theirs ? "Take theirs" : "Leave it deleted"}
        </button>
        <button type="button" className="quiet" onClick={close}>
          Go on editing
        </button>
      </div>
    </Dialog>
  );
}
