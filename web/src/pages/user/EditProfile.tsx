/** Editing a profile. Whoever was first is not overwritten unseen. */

import { type SyntheticEvent, useEffect, useRef, useState } from "react";
import type { ProfileFragment } from "../../graph/operations.ts";
import { JsonField, parsed, pretty } from "../../parts/JsonField.tsx";
import { Problem } from "../../parts/Problem.tsx";
import { Overtaken } from "./Overtaken.tsx";
import { useProfileWrite } from "./write.ts";

type Props = {
  userId: string;
  /** What stood when one began; null: nothing. It stays, whatever others write meanwhile. */
  base: ProfileFragment | null;
  end: () => void;
};

export function EditProfile({ userId, base: present, end }: Props) {
  const [base] = useState(present);
  const [text, setText] = useState(base ? pretty(base.content) : "{\n  \n}");
  const { write, isBusy, error, theirs, forgetTheirs } = useProfileWrite(userId, end);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("textarea")?.focus(), []);
  const read = parsed(text);
  const isStopped = isBusy || "fault" in read;
  const save = (over: ProfileFragment | null) => "value" in read && write(read.value, over);
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    save(base);
  };
  return (
    <form ref={form} className="stack" onSubmit={submit} aria-label="Edit the profile">
      <JsonField label="Profile as JSON" text={text} change={setText} rows={14} />
      <Problem error={error} />
      <div className="row">
        <button type="submit" disabled={isStopped}>
          Save
        </button>
        <button type="button" className="plain" onClick={end}>
          Discard
        </button>
      </div>
      {theirs !== undefined && (
        <Overtaken
          theirs={theirs}
          mine={text}
          isBusy={isBusy}
          write={() => save(theirs)}
          take={end}
          close={forgetTheirs}
        />
      )}
    </form>
  );
}
