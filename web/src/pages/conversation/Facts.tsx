/** What there is to know of an answer in a line: who gave it, how fast, at what price, how well supported. */

import { count, dollars, milliseconds } from "../../parts/amounts.ts";
import type { Answered } from "./exchange.ts";

export function Facts({ answer }: { answer: Answered }) {
  return (
    <p className="facts faint">
      {factsOf(answer).map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
    </p>
  );
}

function factsOf(answer: Answered): string[] {
  const facts = [answer.model];
  if (answer.firstTokenAt) facts.push(`first words after ${elapsed(answer.createdAt, answer.firstTokenAt)}`);
  if (answer.completedAt) facts.push(`ended after ${elapsed(answer.createdAt, answer.completedAt)}`);
  if (answer.usage)
    facts.push(`${count(answer.usage.inputTokens)} tokens read, ${count(answer.usage.outputTokens)} written`);
  if (answer.usage?.costUsd != null) facts.push(dollars(answer.usage.costUsd));
  if (answer.groundedness !== null) facts.push(`${Math.round(100 * answer.groundedness)} % supported by the contexts`);
  return facts;
}

function elapsed(from: string, to: string): string {
  return milliseconds(Date.parse(to) - Date.parse(from));
}
