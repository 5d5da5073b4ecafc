/** A moment: how long ago, as the minutes pass, and in full when one asks. */

import { useSyncExternalStore } from "react";

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const ago = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const dates = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const moments = new Intl.DateTimeFormat("en", { dateStyle: "long", timeStyle: "medium" });

const MINUTE = 60_000;

function eachMinute(call: () => void): () => void {
  const timer = setInterval(call, MINUTE / 4);
  return () => clearInterval(timer);
}

export function Time({ at }: { at: string }) {
  useSyncExternalStore(eachMinute, () => Math.floor(Date.now() / (MINUTE / 4)));
  const date = new Date(at);
  return (
    <time dateTime={at} title={moments.format(date)}>
      {relative(date)}
    </time>
  );
}

function relative(date: Date): string {
  const seconds = (date.getTime() - Date.now()) / 1000;
  if (Math.abs(seconds) > 30 * 86_400) return dates.format(date);
  const unit = UNITS.find(([, length]) => Math.abs(seconds) >= length);
  return unit ? ago.format(Math.round(seconds / unit[1]), unit[0]) : "just now";
}
