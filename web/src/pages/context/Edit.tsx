/** Changing a context. Whoever was first is not overwritten unseen: one sees what they did, and decides. */

import { type SyntheticEvent, useEffect, useRef, useState } from "react";
import { useMutation } from "urql";
import { UpdateContextDocument } from "../../graph/operations.ts";
import { Diff } from "../../parts/Diff.tsx";
import { JsonField, parsed, pretty } from "../../parts/JsonField.tsx";
import { asLocal, inUtc } from "../../parts/moments.ts";
import { codeOf, Problem } from "../../parts/Problem.tsx";
import type { Known } from "./Context.tsx";

type Props = {
  /** What one began from. */
  base: Known;
  /** What stands now. */
  present: Known;
  /** Begin again from there; from nothing: it is over. */
  setBase: (base: Known | undefined) => void;
  /** Ask what stands now. */
  reload: () => void;
};

export function Edit({ base, present, setBase, reload }: Props) {
  const [content, setContent] = useState(pretty(base.content));
  const [metadata, setMetadata] = useState(pretty(base.metadata));
  const [expires, setExpires] = useState(asLocal(base.expiresAt));
  const [{ error, fetching }, update] = useMutation(UpdateContextDocument);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("textarea")?.focus(), []);
  const isOvertaken = present.version > base.version;
  const isFaulty = "fault" in parsed(content) || "fault" in parsed(metadata);

  async function write(expectedVersion: number) {
    const [known, beside] = [parsed(content), parsed(metadata)];
    if ("fault" in known || "fault" in beside) return;
    // What was left as it is is not sent: what another has changed beside it stays.
    const input = {
      id: base.id,
      expectedVersion,
      ...(content !== pretty(base.content) && { content: known.value }),
      ...(metadata !== pretty(base.metadata) && { metadata: beside.value }),
      ...(expires !== asLocal(base.expiresAt) && { expiresAt: inUtc(expires) }),
    };
    const { data, error } = await update({ input });
    if (data) setBase(undefined);
    if (codeOf(error) === "CONFLICT") reload();
  }

  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    write(base.version);
  };

  return (
    <form ref={form} className="stack" onSubmit={submit} aria-label="Edit the context">
      <JsonField label="Content" text={content} change={setContent} rows={12} />
      <JsonField label="Metadata" text={metadata} change={setMetadata} rows={4} />
      <label>
        Expires <span className="faint">(never, if empty)</span>
        <input type="datetime-local" step={1} value={expires} onChange={(event) => setExpires(event.target.value)} />
      </label>
      {codeOf(error) !== "CONFLICT" && <Problem error={error} />}
      {isOvertaken && (
        <Overtaken
          base={base}
          present={present}
          take={() => setBase(present)}
          write={() => write(present.version)}
          isStopped={fetching || isFaulty}
        />
      )}
      <div className="row">
        {!isOvertaken && (
          <button type="submit" disabled={fetching || isFaulty}>
            Save
          </button>
        )}
        <button type="button" className="plain" onClick={() => setBase(undefined)}>
          Discard
        </button>
      </div>
    </form>
  );
}

type OvertakenProps = { base: Known; present: Known; take: () => void; write: () => void; isStopped: boolean };

function Overtaken({ base, present, take, write, isStopped }: OvertakenProps) {
  const them = present.isActive ? "changed" : "deleted";
  return (
    <section className="problem" role="alert">
      <h2>Someone else was first</h2>
      <p>
        This context was {them} while you were writing: it is at version {present.version}, and you began from version{" "}
        {base.version}. Your text stands above, as you wrote it. This is what they have changed:
      </p>
      <Diff before={written(base)} after={written(present)} label="What they have changed" />
      {present.isActive && (
        <div className="row">
          <button type="button" disabled={isStopped} onClick={write}>
            Write mine over it
          </button>
          <button type="button" className="plain" onClick={take}>
            Take theirs
          </button>
        </div>
      )}
    </section>
  );
}

function written({ content, metadata, expiresAt, isActive }: Known): string {
  return pretty({ content, metadata, expiresAt, isActive });
}
