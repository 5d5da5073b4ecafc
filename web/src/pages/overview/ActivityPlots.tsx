/** The server's own figures over time, drawn. */

import { type ReactNode, useMemo } from "react";
import type { ActivityQuery, PercentilesFragment as Percentiles } from "../../graph/operations.ts";
import { bytes, compact, count, decimal, milliseconds, share, type Written } from "../../parts/amounts.ts";
import type { Drawing, Line } from "./drawing.ts";
import { Plot } from "./Plot.tsx";

type Point = ActivityQuery["stats"]["activity"]["points"][number];

type Shown = { title: string; summary: ReactNode; drawing: Drawing };

export function ActivityPlots({ points }: { points: Point[] }) {
  const { work, growing } = useMemo(() => shown(points), [points]);
  return (
    <>
      <div className="plots">
        {work.map((one) => (
          <Plot key={one.title} {...one} />
        ))}
      </div>
      <div className="plots small">
        {growing.map((one) => (
          <Plot key={one.title} {...one} />
        ))}
      </div>
    </>
  );
}

function shown(points: Point[]): { work: Shown[]; growing: Shown[] } {
  const drawing = drawingOf(points);
  const counts = { ...drawing, written: compact, isWhole: true };
  return {
    work: [
      requests(points, drawing),
      answers(points, drawing),
      latency("Retrieval time", points, (one) => one.retrieval, drawing),
      latency("Time to the first word", points, (one) => one.firstToken, drawing),
    ],
    growing: [
      growth("Users", points, (one) => one.users, counts),
      growth("Contexts", points, (one) => one.contexts, counts),
      growth("On disk", points, (one) => one.bytes, { ...drawing, written: bytes }),
    ],
  };
}

function drawingOf(points: Point[]): Drawing {
  const times = points.map((point) => Date.parse(point.at) / 1000);
  return { times, lines: [], written: decimal };
}

function requests(points: Point[], drawing: Drawing): Shown {
  const [all, failed] = [sum(points, (one) => one.operations), sum(points, (one) => one.errors)];
  return {
    title: "Requests per minute",
    summary: `${count(all)} in all, ${count(failed)} with an error (${share(failed, all)}).`,
    drawing: {
      ...drawing,
      lines: [
        { name: "Requests", ink: "--accent", values: perMinute(points, (one) => one.operations) },
        { name: "With an error", ink: "--bad", values: perMinute(points, (one) => one.errors), isDashed: true },
      ],
    },
  };
}

function answers(points: Point[], drawing: Drawing): Shown {
  const [all, failed] = [sum(points, (one) => one.responses), sum(points, (one) => one.failedResponses)];
  return {
    title: "Answers per minute",
    summary: `${count(all)} in all, ${count(failed)} failed (${share(failed, all)}).`,
    drawing: {
      ...drawing,
      lines: [
        { name: "Answers", ink: "--accent", values: perMinute(points, (one) => one.responses) },
        { name: "Failed", ink: "--bad", values: perMinute(points, (one) => one.failedResponses), isDashed: true },
      ],
    },
  };
}

function latency(title: string, points: Point[], of: (point: Point) => Percentiles, drawing: Drawing): Shown {
  const lines: Line[] = [
    { name: "P50", ink: "--accent", values: points.map((one) => of(one).p50Ms) },
    { name: "P95", ink: "--warn", values: points.map((one) => of(one).p95Ms) },
    { name: "P99", ink: "--bad", values: points.map((one) => of(one).p99Ms), isDashed: true },
  ];
  const slow = points.map((one) => of(one).p95Ms).filter((value) => value !== null);
  const last = slow.at(-1);
  const summary =
    last === undefined
      ? "Nothing was seen."
      : `P95 was ${milliseconds(last)} last, ${milliseconds(Math.max(...slow))} at most.`;
  return { title, summary, drawing: { ...drawing, lines, written: milliseconds } };
}

function growth(
  title: string,
  points: Point[],
  of: (store: NonNullable<Point["store"]>) => number,
  drawing: Drawing,
): Shown {
  const values = points.map((one) => one.store && of(one.store));
  const seen = values.filter((value) => value !== null);
  const [first, last] = [seen[0], seen.at(-1)];
  const told =
    first === undefined || last === undefined
      ? "Not measured yet."
      : `${drawing.written(last)}, ${grown(last - first, drawing.written)}.`;
  return {
    title,
    summary: told,
    drawing: { ...drawing, lines: [{ name: title, ink: "--accent", values }], isGrowth: true },
  };
}

function grown(by: number, written: Written): string {
  if (by === 0) return "as before";
  return `${written(Math.abs(by))} ${by > 0 ? "more" : "less"} than at the beginning`;
}

function perMinute(points: Point[], of: (point: Point) => number): number[] {
  return points.map((point) => (of(point) * 60) / point.seconds);
}

function sum(points: Point[], of: (point: Point) => number): number {
  return points.reduce((all, point) => all + of(point), 0);
}
