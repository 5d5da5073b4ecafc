/** What to look for among the contexts, and how. */

import { useEffect, useState } from "react";
import type { SearchMode } from "../../../graph/operations.ts";
import type { Asked } from "./address.ts";

const MODES: Record<SearchMode, string> = {
  HYBRID: "By words and meaning",
  KEYWORD: "By words",
  SEMANTIC: "By meaning",
};
const PAUSE_MILLISECONDS = 300;

type Props = { asked: Asked; ask: (change: Partial<Asked>) => void };

export function Search({ asked, ask }: Props) {
  const [text, setText] = useState(asked.query);
  useEffect(() => {
    if (text === asked.query) return;
    const timer = setTimeout(() => ask({ query: text }), PAUSE_MILLISECONDS);
    return () => clearTimeout(timer);
  });
  return (
    <search className="row">
      <input
        type="search"
        aria-label="Search what is known"
        placeholder="Search what is known"
        maxLength={32768}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <select
        aria-label="How to search"
        value={asked.mode}
        onChange={(event) => ask({ mode: event.target.value as SearchMode })}
      >
        {Object.entries(MODES).map(([mode, name]) => (
          <option key={mode} value={mode}>
            {name}
          </option>
        ))}
      </select>
    </search>
  );
}
