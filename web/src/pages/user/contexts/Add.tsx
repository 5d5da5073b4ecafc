/** Adding what is known. */

import { type SyntheticEvent, useState } from "react";
import { useMutation } from "urql";
import { CreateContextDocument } from "../../../graph/operations.ts";
import { Dialog } from "../../../parts/Dialog.tsx";
import { JsonField, parsed } from "../../../parts/JsonField.tsx";
import { useWriteKey } from "../../../parts/key.ts";
import { inUtc } from "../../../parts/moments.ts";
import { Problem } from "../../../parts/Problem.tsx";

const TYPES = ["knowledge", "preference", "profile"];

export function Add({ userId, close }: { userId: string; close: () => void }) {
  const [contextType, setType] = useState("knowledge");
  const [content, setContent] = useState('{\n  "text": ""\n}');
  const [expires, setExpires] = useState("");
  const [{ error, fetching }, create] = useMutation(CreateContextDocument);
  const { keyFor } = useWriteKey();

  async function submit(event: SyntheticEvent<HTMLFormElement>) {
    event.preventDefault();
    const known = parsed(content);
    if ("fault" in known) return;
    const input = { userId, contextType, content: known.value, expiresAt: inUtc(expires) };
    const { data } = await create({ input: { ...input, idempotencyKey: keyFor(input) } });
    if (data) close();
  }

  return (
    <Dialog title="Add a context" close={close}>
      <form onSubmit={submit} className="stack">
        <label>
          Type
          <input
            list="types"
            value={contextType}
            maxLength={50}
            required
            onChange={(event) => setType(event.target.value)}
          />
        </label>
        <datalist id="types">
          {TYPES.map((type) => (
            <option key={type} value={type} />
          ))}
        </datalist>
        <JsonField label="Content" text={content} change={setContent} />
        <label>
          Expires <span className="faint">(never, if empty)</span>
          <input type="datetime-local" value={expires} onChange={(event) => setExpires(event.target.value)} />
        </label>
        <Problem error={error} />
        <button type="submit" disabled={fetching || "fault" in parsed(content)}>
          Add
        </button>
      </form>
    </Dialog>
  );
}
