/** A JSON object as text that one writes: what is wrong with it is said before it is sent. */

import { useId } from "react";
import type { JsonObject } from "../graph/json.ts";

type Props = { label: string; text: string; change: (text: string) => void; rows?: number };

export function JsonField({ label, text, change, rows = 8 }: Props) {
  const id = useId();
  const read = parsed(text);
  const fault = "fault" in read ? read.fault : undefined;
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="code"
        rows={rows}
        spellCheck={false}
        value={text}
        aria-invalid={Boolean(fault)}
        aria-describedby={`${id}-fault`}
        onChange={(event) => change(event.target.value)}
      />
      <p id={`${id}-fault`} className="fault" role="status">
        {fault}
      </p>
    </div>
  );
}

/** The object that the text is, or what is wrong with it. */
export function parsed(text: string): { value: JsonObject } | { fault: string } {
  try {
    const value: unknown = JSON.parse(text, kept);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return { value: value as JsonObject };
    return { fault: "It has to be a JSON object: { … }" };
  } catch (error) {
    if (error instanceof RangeError) return { fault: error.message };
    return { fault: `This is no JSON: ${error instanceof Error ? error.message : "it cannot be read"}` };
  }
}

/** Whole numbers that a browser rounds are refused: otherwise they would be others once they are saved. */
function kept(_: string, value: unknown): unknown {
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new RangeError(`${value} is larger than what a browser keeps exactly. Write it as text.`);
  return value;
}

/** An object as one reads and writes it. */
export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
