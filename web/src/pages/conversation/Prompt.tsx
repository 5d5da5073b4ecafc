/** The prompt, exactly as the model was sent it. */

import { useQuery } from "urql";
import { PromptDocument } from "../../graph/operations.ts";
import { Dialog } from "../../parts/Dialog.tsx";
import { Problem } from "../../parts/Problem.tsx";

export function Prompt({ responseId, close }: { responseId: string; close: () => void }) {
  const [{ data, error }] = useQuery({ query: PromptDocument, variables: { id: responseId } });
  const grounding = data?.response?.grounding;
  return (
    <Dialog title="The exact prompt" close={close} className="wide">
      <Problem error={error} />
      {grounding && <p className="faint">{grounding.tokens} tokens, estimated on the safe side.</p>}
      {grounding?.prompt.map(({ role, text }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a prompt never changes
        <section key={place} className="message">
          <h3>{role.toLowerCase()}</h3>
          <pre>{text}</pre>
        </section>
      ))}
    </Dialog>
  );
}
