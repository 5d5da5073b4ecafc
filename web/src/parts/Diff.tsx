/** The difference between two texts, line by line, by signs as well as by colour. */

import { diffLines } from "diff";
import "../styles/contexts.css";

type Line = { sign: "+" | "−" | " " | "…"; text: string };

/** So many unchanged lines stand around each change. */
const AROUND = 3;

const KIND = { "+": "added", "−": "removed", " ": "same", "…": "skipped" };

export function Diff({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = linesOf(before, after);
  if (lines.every(({ sign }) => sign === " ")) return <p className="faint">There is no difference.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too
    <section className="diff" aria-label={label} tabIndex={0}>
      {folded(lines).map(({ sign, text }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
        <div key={place} className={KIND[sign]}>
          <span aria-hidden="true">{sign}</span>
          {sign === "+" ? <ins>{text}</ins> : sign === "−" ? <del>{text}</del> : <span>{text}</span>}
        </div>
      ))}
    </section>
  );
}

function linesOf(before: string, after: string): Line[] {
  return diffLines(`${before}\n`, `${after}\n`).flatMap(({ value, added, removed }) => {
    const sign = added ? "+" : removed ? "−" : " ";
    return value
      .replace(/\n$/, "")
      .split("\n")
      .map((text): Line => ({ sign, text }));
  });
}

/** Long stretches without a change are one line. */
function folded(lines: Line[]): Line[] {
  const isNear = lines.map((_, at) => lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(isChange));
  const shown: Line[] = [];
  let skipped = 0;
  const skip = () => {
    if (skipped > 0) shown.push({ sign: "…", text: `${skipped} unchanged ${skipped === 1 ? "line" : "lines"}` });
    skipped = 0;
  };
  lines.forEach((line, at) => {
    if (isNear[at]) {
      skip();
      shown.push(line);
    } else skipped += 1;
  });
  skip();
  return shown;
}

function isChange({ sign }: Line): boolean {
  return sign === "+" || sign === "−";
}
