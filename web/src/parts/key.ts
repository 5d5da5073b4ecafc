/** Names for writes, with which they can be sent again: nothing is written twice. */

import { useRef } from "react";

/** `keyFor` names a write by its input: the same again after a lost answer is the same write. Once it is `done`, another. */
export function useWriteKey() {
  const sent = useRef({ input: "", key: "" });
  return {
    keyFor(input: unknown): string {
      const written = JSON.stringify(input);
      if (sent.current.input !== written) sent.current = { input: written, key: idempotencyKey() };
      return sent.current.key;
    },
    done() {
      sent.current = { input: "", key: "" };
    },
  };
}

function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
