/** What is drawn in a plot, and how uPlot is told. */

import uPlot from "uplot";
import type { Written } from "../../parts/amounts.ts";

export type Ink = "--accent" | "--warn" | "--bad";

export type Line = {
  name: string;
  ink: Ink;
  /** One value for each time; null where nothing was seen. */
  values: (number | null)[];
  isDashed?: boolean;
};

export type Drawing = {
  /** Seconds since 1970, ascending. */
  times: number[];
  lines: Line[];
  /** A value with its unit. */
  written: Written;
  /** Only whole values may stand at the axis. */
  isWhole?: boolean;
  /** What grows is looked at closely; anything else from nothing on. */
  isGrowth?: boolean;
};

const HEIGHT = 170;
const DAY = 86_400;
const FONT = "12px system-ui, sans-serif";
const STEPS = [1, 2, 5];
const WHOLE_STEPS = Array.from({ length: 13 }, (_, power) => STEPS.map((step) => step * 10 ** power)).flat();
const HOURS = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DAYS = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** A colour of the page as it is just now: what is drawn on a canvas knows no variables. */
function ink(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

export function drawn(drawing: Drawing, element: HTMLElement): uPlot {
  return new uPlot(options(drawing, element.clientWidth), data(drawing), element);
}

export function resized(plot: uPlot, width: number): void {
  if (width > 0 && width !== plot.width) plot.setSize({ width, height: HEIGHT });
}

function data({ times, lines }: Drawing): uPlot.AlignedData {
  return [times, ...lines.map((line) => line.values)];
}

function options(drawing: Drawing, width: number): uPlot.Options {
  return {
    width,
    height: HEIGHT,
    padding: [10, 20, 0, 0],
    series: [{ value: (_, time) => (time === null ? "" : moment(time)) }, ...drawing.lines.map(series(drawing))],
    axes: [timeAxis(drawing), valueAxis(drawing)],
    scales: { y: { range: drawing.isGrowth ? near : fromNothing } },
    // One points at the same moment in all of them.
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: "overview", scales: ["x", null] } },
    legend: { markers: { width: 2, fill: (_, line) => marker(drawing.lines[line - 1]) } },
  };
}

function series({ written, isGrowth }: Drawing) {
  return ({ name, ink: colour, isDashed }: Line): uPlot.Series => ({
    label: name,
    stroke: () => ink(colour),
    width: 2,
    value: (_, value) => (value === null || value === undefined ? "" : written(value)),
    spanGaps: isGrowth ?? false,
    points: { show: true, size: 5, filter: alone, fill: () => ink(colour) },
    ...(isDashed && { dash: [6, 4] }),
  });
}

/** What is dashed is hollow. */
function marker(line: Line | undefined): string {
  return !line || line.isDashed ? "transparent" : ink(line.ink);
}

/** A value between two that are missing is no line, and is drawn as a point. */
function alone(plot: uPlot, line: number): number[] {
  const values = plot.data[line] ?? [];
  const isThere = (index: number) => values[index] !== null && values[index] !== undefined;
  return Array.from(values.keys()).filter((at) => isThere(at) && !isThere(at - 1) && !isThere(at + 1));
}

function axis(): uPlot.Axis {
  const line = { stroke: () => ink("--line"), width: 1 };
  return { stroke: () => ink("--faint"), font: FONT, grid: line, ticks: { ...line, size: 4 } };
}

function timeAxis({ times }: Drawing): uPlot.Axis {
  const isLong = (times.at(-1) ?? 0) - (times[0] ?? 0) > 2 * DAY;
  const format = isLong ? DAYS : HOURS;
  return {
    ...axis(),
    size: 30,
    space: 64,
    // Below a day there would be several of one name.
    ...(isLong && { incrs: [1, 2, 3, 5, 7, 10].map((days) => days * DAY) }),
    values: (_, splits) => splits.map((time) => format.format(time * 1000)),
  };
}

function valueAxis({ written, isWhole }: Drawing): uPlot.Axis {
  return {
    ...axis(),
    size: (_, texts) => 16 + 7 * Math.max(4, ...(texts ?? []).map((text) => text.length)),
    space: 32,
    ...(isWhole && { incrs: WHOLE_STEPS }),
    values: (_, splits) => apart(splits, written),
  };
}

/** Written with as many digits as it takes to tell one from the next. */
function apart(values: number[], written: Written): string[] {
  const ways = [3, 4, 5, 6, 8].map((digits) => values.map((value) => written(value, digits)));
  return ways.find((texts) => new Set(texts).size === texts.length) ?? values.map((value) => written(value, 10));
}

function fromNothing(_: uPlot, __: number | null, most: number | null): uPlot.Range.MinMax {
  return [0, most ? most * 1.1 : 1];
}

function near(_: uPlot, least: number | null, most: number | null): uPlot.Range.MinMax {
  if (least === null || most === null) return [0, 1];
  const room = (most - least) * 0.2 || Math.max(most * 0.2, 1);
  return [Math.max(0, least - room), most + room];
}

/** When it was, wherever there is room for it. */
export function moment(time: number): string {
  const date = new Date(time * 1000);
  return `${DAYS.format(date)}, ${HOURS.format(date)}`;
}
