/** Asking: the message is kept until the server has it, and sent again under the same name if that is not known. */

import { type KeyboardEvent, type SyntheticEvent, useState } from "react";
import { useMutation, useQuery } from "urql";
import { ModelsDocument, StartResponseDocument } from "../../graph/operations.ts";
import { useWriteKey } from "../../parts/key.ts";
import { Problem } from "../../parts/Problem.tsx";

type Props = {
  userId: string;
  /** The one that it goes on with; without it a new one begins. */
  conversationId?: string;
  /** It was asked, in this conversation. */
  asked: (conversationId: string) => void;
};

export function Ask({ userId, conversationId, asked }: Props) {
  const [message, setMessage] = useState("");
  const [{ error, fetching }, start] = useMutation(StartResponseDocument);
  const { keyFor, done } = useWriteKey();

  async function submit(event: SyntheticEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!message.trim()) return;
    const wishes = {
      userId,
      conversationId: conversationId ?? null,
      message,
      ...wishesOf(new FormData(event.currentTarget)),
    };
    const { data } = await start({ input: { ...wishes, idempotencyKey: keyFor(wishes) } });
    if (!data) return;
    done();
    setMessage("");
    asked(data.startResponse.response.conversation.id);
  }

  return (
    <form className="ask" onSubmit={submit}>
      <label htmlFor="message" className="hidden">
        Message
      </label>
      <textarea
        id="message"
        rows={2}
        value={message}
        placeholder="Ask something"
        onChange={(event) => setMessage(event.target.value)}
        onKeyDown={sendOnEnter}
      />
      <button type="submit" disabled={fetching || !message.trim()}>
        Ask
      </button>
      <Wishes />
      <Problem error={error} />
    </form>
  );
}

function sendOnEnter(event: KeyboardEvent<HTMLTextAreaElement>) {
  if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}

function wishesOf(form: FormData): { model?: string; budget?: number } {
  const model = String(form.get("model") ?? "");
  const budget = Number(form.get("budget"));
  return { ...(model && { model }), ...(budget > 0 && { budget }) };
}

function Wishes() {
  const [{ data }] = useQuery({ query: ModelsDocument });
  return (
    <details className="wishes">
      <summary>Model and budget</summary>
      <div className="row">
        <label>
          Model
          <select name="model">
            <option value="">As the server is set</option>
            {data?.models.map((model) => (
              <option key={model.name} value={model.name}>
                {model.name}
                {model.isDefault && " (default)"}
              </option>
            ))}
          </select>
        </label>
        <label>
          Token budget
          <input name="budget" type="number" min={1} step={1} placeholder="As the server is set" />
        </label>
      </div>
    </details>
  );
}
