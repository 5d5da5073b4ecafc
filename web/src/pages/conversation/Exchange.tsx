/** A question, its answer as it arrives, and beside it the receipt. */

import { useId, useState } from "react";
import { useMutation } from "urql";
import { CancelResponseDocument } from "../../graph/operations.ts";
import { Problem } from "../../parts/Problem.tsx";
import { Time } from "../../parts/Time.tsx";
import { type Answered, isRunning } from "./exchange.ts";
import { Facts } from "./Facts.tsx";
import { useLive } from "./live.ts";
import { Rate } from "./Rate.tsx";
import { Receipt } from "./Receipt.tsx";
import { Said } from "./Said.tsx";

type Props = { stored: Answered; isNewest: boolean };

export function Exchange({ stored, isNewest }: Props) {
  const { answer, hasEnded, problem } = useLive(stored);
  const [cited, setCited] = useState<number[]>([]);
  const [wished, setWished] = useState<boolean>();
  const receipt = useId();
  const isOpen = wished ?? isNewest;
  const hasPrompt = answer.status !== "PENDING";
  const cite = (numbers: number[]) => {
    setCited(numbers);
    setWished(true);
  };
  return (
    <article className="exchange" aria-label={`Answer to: ${answer.message}`}>
      <div className="talk">
        <Asked text={answer.message} at={answer.createdAt} />
        <div className="answer" aria-busy={isRunning(answer)}>
          <Said answer={answer} cite={cite} />
          {isRunning(answer) && <Arriving answer={answer} />}
          <Ending answer={answer} />
          <span role="status" className="hidden">
            {hasEnded && "The answer has ended."}
          </span>
          {problem && <Problem error={problem} />}
          <Facts answer={answer} />
          {!isRunning(answer) && <Rate answer={answer} />}
        </div>
      </div>
      <aside aria-label="Receipt">
        {hasPrompt && (
          <button
            type="button"
            className="quiet toggle"
            aria-expanded={isOpen}
            aria-controls={receipt}
            onClick={() => setWished(!isOpen)}
          >
            <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span> Receipt
          </button>
        )}
        <div id={receipt}>{hasPrompt && isOpen && <Receipt responseId={answer.id} cited={cited} />}</div>
      </aside>
    </article>
  );
}

export function Asked({ text, at }: { text: string; at: string }) {
  return (
    <div className="asked">
      <p className="said">{text}</p>
      <p className="faint">
        <Time at={at} />
      </p>
    </div>
  );
}

function Arriving({ answer }: { answer: Answered }) {
  const [{ error, fetching }, cancel] = useMutation(CancelResponseDocument);
  return (
    <>
      <p className="row faint">
        <span className="dots" aria-hidden="true" />
        {answer.status === "PENDING" ? "Looking for what is known" : "The answer is arriving"}
        <button type="button" className="plain" disabled={fetching} onClick={() => cancel({ id: answer.id })}>
          Cancel
        </button>
      </p>
      <Problem error={error} />
    </>
  );
}

/** How it ended, if not well. What was said until then stays. */
function Ending({ answer }: { answer: Answered }) {
  if (answer.status === "CANCELLED") return <p className="tag warn">Cancelled</p>;
  if (!answer.error) return null;
  return (
    <div className="problem">
      <p>{answer.error.message}</p>
      <p className="faint">
        <code>{answer.error.code}</code>
      </p>
    </div>
  );
}
