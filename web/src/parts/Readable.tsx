/** A JSON value as people read it: names with what they stand for, lists, and plain text. */

import type { JsonValue } from "../graph/json.ts";

export function Readable({ value }: { value: JsonValue }) {
  if (value === null || value === "") return <span className="faint">nothing</span>;
  if (typeof value !== "object") return <span className="value">{String(value)}</span>;
  if (Array.isArray(value)) return value.length ? <Listed values={value} /> : <span className="faint">none</span>;
  const entries = Object.entries(value);
  if (entries.length === 0) return <span className="faint">nothing</span>;
  return (
    <dl className="readable">
      {entries.map(([name, one]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Readable value={one} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Listed({ values }: { values: JsonValue[] }) {
  return (
    <ul className="readable">
      {values.map((one, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: its items have no other name
        <li key={place}>
          <Readable value={one} />
        </li>
      ))}
    </ul>
  );
}
