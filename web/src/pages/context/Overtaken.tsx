/** Someone else was first: what they have done, and what one can do now. */

import { useMutation } from "urql";
import { RestoreContextDocument } from "../../graph/operations.ts";
import { Diff } from "../../parts/Diff.tsx";
import { pretty } from "../../parts/JsonField.tsx";
import { Problem } from "../../parts/Problem.tsx";
import type { Known } from "./Context.tsx";

type Props = { base: Known; present: Known; take: () => void; write: () => void; isStopped: boolean };

export function Overtaken({ base, present, take, write, isStopped }: Props) {
  const them = present.isActive ? "changed" : "deleted";
  return (
    <section className="problem" role="alert">
      <h2>Someone else was first</h2>
      <p>
        This context was {them} while you were writing: it is at version {present.version}, and you began from version{" "}
        {base.version}. Your text stands above, as you wrote it. This is what they have changed:
      </p>
      <Diff before={written(base)} after={written(present)} label="What they have changed" />
      {present.isActive ? (
        <div className="row">
          <button type="button" disabled={isStopped} onClick={write}>
            Write mine over it
          </button>
          <button type="button" className="plain" onClick={take}>
            Take theirs
          </button>
        </div>
      ) : (
        <Restore base={base} present={present} />
      )}
    </section>
  );
}

/** What was deleted takes no change: it comes back as one has known it, and then takes what one has written. */
function Restore({ base, present }: { base: Known; present: Known }) {
  const [{ error, fetching }, restore] = useMutation(RestoreContextDocument);
  const input = { id: base.id, version: base.version, expectedVersion: present.version };
  return (
    <>
      <button type="button" disabled={fetching} onClick={() => restore({ input })}>
        Restore it
      </button>
      <Problem error={error} />
    </>
  );
}

function written({ content, metadata, expiresAt, isActive }: Known): string {
  return pretty({ content, metadata, expiresAt, isActive });
}
