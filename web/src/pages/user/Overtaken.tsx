/** Someone else was first: what they have written, beside one's own text, and the choice between them. */

import type { ReactNode } from "react";
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
        <Side title="What stands now" beside={theirs && <Standing profile={theirs} />}>
          {theirs ? <pre>{pretty(theirs.content)}</pre> : <p className="faint">There is no profile.</p>}
        </Side>
        <Side title="Yours">
          <pre>{mine}</pre>
        </Side>
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

function Side({ title, beside, children }: { title: string; beside?: ReactNode; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section aria-label={title} tabIndex={0}>
      <h3>
        {title} {beside}
      </h3>
      {children}
    </section>
  );
}

function Standing({ profile }: { profile: ProfileFragment }) {
  return (
    <span className="faint">
      version {profile.version}, <Time at={profile.updatedAt} />
    </span>
  );
}
