/** An answer as it arrives: from its first event, whoever began it, through reloads and lost connections. */

import { useEffect, useState } from "react";
import { follow } from "../../graph/client.ts";
import { ResponseEventsDocument, type ResponseEventsSubscription } from "../../graph/operations.ts";
import { type Answered, isRunning } from "./exchange.ts";

type Event = ResponseEventsSubscription["responseEvents"];
type Heard = { hasBegun: boolean; text: string; ended?: Answered };

/** The answer as far as it has come, and whether it has ended while one looked. */
export function useLive(answer: Answered): { answer: Answered; hasEnded: boolean; problem: Error | undefined } {
  const [heard, setHeard] = useState<Heard>({ hasBegun: false, text: "" });
  const [problem, setProblem] = useState<Error>();
  const { id } = answer;
  const runs = isRunning(answer);
  useEffect(() => {
    if (!runs) return;
    let seen = 0;
    const variables = {
      id,
      // After a lost connection it goes on where it was.
      get after() {
        return seen;
      },
    };
    return follow(ResponseEventsDocument, variables, {
      next({ responseEvents: event }) {
        if (event.seq <= seen) return;
        seen = event.seq;
        setHeard((before) => after(before, event));
      },
      refused: setProblem,
    });
  }, [id, runs]);
  return { answer: runs ? shown(answer, heard) : answer, hasEnded: Boolean(heard.ended), problem };
}

function after(before: Heard, event: Event): Heard {
  switch (event.__typename) {
    case "ResponseStarted":
      return { ...before, hasBegun: true };
    case "ResponseDelta":
      return { hasBegun: true, text: before.text + event.text };
    default:
      return { hasBegun: true, text: event.response.text, ended: event.response };
  }
}

function shown(answer: Answered, { hasBegun, text, ended }: Heard): Answered {
  if (ended) return ended;
  // What was loaded with the page is there before all of its events have come again.
  const longest = text.length > answer.text.length ? text : answer.text;
  return hasBegun ? { ...answer, status: "STREAMING", text: longest } : answer;
}
