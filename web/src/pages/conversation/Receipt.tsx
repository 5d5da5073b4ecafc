/** What an answer rests on: the tokens against the budget, each context that was considered, and why it is in or out. */

import { useState } from "react";
import { useQuery } from "urql";
import { type ConsideredFragment, ReceiptDocument, type ReceiptQuery } from "../../graph/operations.ts";
import { Problem } from "../../parts/Problem.tsx";
import { type Share, TokenBar } from "../../parts/TokenBar.tsx";
import { Considered } from "./Considered.tsx";
import { Prompt } from "./Prompt.tsx";

type Grounding = NonNullable<NonNullable<ReceiptQuery["response"]>["grounding"]>;

const SECTIONS = { PROFILE: "Profile", KNOWLEDGE: "Knowledge", SUMMARY: "Summary", CONVERSATION: "Conversation" };

type Props = { responseId: string; cited: number[] };

export function Receipt({ responseId, cited }: Props) {
  const [{ data, error, fetching }] = useQuery({ query: ReceiptDocument, variables: { id: responseId } });
  const response = data?.response;
  if (error) return <Problem error={error} />;
  if (!response) return fetching ? <p className="faint">The receipt is being loaded.</p> : null;
  if (!response.grounding) return <p className="faint">There is no receipt: no prompt was made.</p>;
  const { budget, tokens, items } = response.grounding;
  return (
    <div className="receipt">
      <TokenBar budget={budget} tokens={tokens} shares={shares(response.grounding)} />
      <Items
        title="In the prompt"
        some={items.filter((item) => item.included)}
        userId={response.user.id}
        cited={cited}
      />
      <LeftOut some={items.filter((item) => !item.included)} userId={response.user.id} />
      <PromptButton responseId={responseId} />
    </div>
  );
}

/** Each section by what its items take; what is left are the rules and the question themselves. */
function shares({ tokens, items }: Grounding): Share[] {
  const inside = items.filter((item) => item.included);
  const sections = Object.entries(SECTIONS).map(([section, name]) => ({
    name,
    kind: section.toLowerCase(),
    tokens: sum(inside.filter((item) => item.section === section)),
  }));
  return [...sections, { name: "Rules and question", kind: "rules", tokens: tokens - sum(inside) }];
}

function sum(items: ConsideredFragment[]): number {
  return items.reduce((total, item) => total + item.tokens, 0);
}

type ItemsProps = { title: string; some: ConsideredFragment[]; userId: string; cited?: number[] };

function Items({ title, some, userId, cited = [] }: ItemsProps) {
  if (some.length === 0) return <p className="faint">No context is in the prompt: nothing that is known fits.</p>;
  return (
    <>
      <h4>
        {title} <span className="faint">{some.length}</span>
      </h4>
      <ol className="items">
        {some.map((item) => (
          <Considered
            key={`${item.section}-${item.rank}`}
            item={item}
            userId={userId}
            isCited={item.number !== null && cited.includes(item.number)}
          />
        ))}
      </ol>
    </>
  );
}

function LeftOut({ some, userId }: { some: ConsideredFragment[]; userId: string }) {
  if (some.length === 0) return null;
  return (
    <details>
      <summary>Considered and left out: {some.length}</summary>
      <ol className="items">
        {some.map((item) => (
          <Considered key={`${item.section}-${item.rank}`} item={item} userId={userId} isCited={false} />
        ))}
      </ol>
    </details>
  );
}

function PromptButton({ responseId }: { responseId: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="plain" onClick={() => setOpen(true)}>
        The exact prompt
      </button>
      {isOpen && <Prompt responseId={responseId} close={() => setOpen(false)} />}
    </>
  );
}
