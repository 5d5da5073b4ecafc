/** Changing a context. Whoever was first is not overwritten unseen: one sees what they did, and decides. */

import { type SyntheticEvent, useEffect, useRef, useState } from "react";
import { useMutation } from "urql";
import { UpdateContextDocument } from "../../graph/operations.ts";
import { JsonField, parsed, pretty } from "../../parts/JsonField.tsx";
import { asLocal, inUtc } from "../../parts/moments.ts";
import { codeOf, Problem } from "../../parts/Problem.tsx";
import type { Known } from "./Context.tsx";
import { Overtaken } from "./Overtaken.tsx";

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

/** What the server says to who was second: another has changed it, or deleted it. */
const OVERTAKEN = ["CONFLICT", "NOT_FOUND"];

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
    if (error && OVERTAKEN.includes(codeOf(error) ?? "")) reload();
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
      {!isOvertaken && <Problem error={error} />}
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
