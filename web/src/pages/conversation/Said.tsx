/** The text of an answer, in which each citation leads to what it names. */

import type { ReactNode } from "react";
import type { Answered } from "./exchange.ts";

type Mark = { start: number; end: number; numbers: number[] };

type Props = { answer: Answered; cite: (numbers: number[]) => void };

export function Said({ answer, cite }: Props) {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const mark of marksOf(answer)) {
    const text = answer.text.slice(mark.start, mark.end);
    parts.push(answer.text.slice(from, mark.start));
    parts.push(
      <button
        key={mark.start}
        type="button"
        className="cite"
        onClick={() => cite(mark.numbers)}
        title={`Show source ${mark.numbers.join(" and ")}`}
      >
        {text}
      </button>,
    );
    from = mark.end;
  }
  parts.push(answer.text.slice(from));
  return <p className="said">{parts}</p>;
}

/** One mark may name several items: it is one place in the text. */
function marksOf({ citations }: Answered): Mark[] {
  const marks = new Map<number, Mark>();
  for (const { number, start, end } of citations) {
    const mark = marks.get(start) ?? { start, end, numbers: [] };
    mark.numbers.push(number);
    marks.set(start, mark);
  }
  return [...marks.values()].sort((one, other) => one.start - other.start);
}
