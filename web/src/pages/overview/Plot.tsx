/** A plot: drawn for who looks, told in a sentence, and as a table for who wants the values. */

import { type ReactNode, useEffect, useRef } from "react";
import "uplot/dist/uPlot.min.css";
import { type Drawing, drawn, moment, resized } from "./drawing.ts";

type Props = {
  title: string;
  /** What it shows, in a sentence. */
  summary: ReactNode;
  drawing: Drawing;
};

export function Plot({ title, summary, drawing }: Props) {
  return (
    <figure className="plot card">
      <figcaption>
        <h2>{title}</h2>
        <p className="faint">{summary}</p>
      </figcaption>
      <Canvas drawing={drawing} />
      <details>
        <summary>Values</summary>
        <Values title={title} drawing={drawing} />
      </details>
    </figure>
  );
}

function Canvas({ drawing }: { drawing: Drawing }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const plot = drawn(drawing, element);
    const observer = new ResizeObserver(() => resized(plot, element.clientWidth));
    const redraw = () => plot.redraw();
    observer.observe(element);
    document.addEventListener("themechange", redraw);
    return () => {
      observer.disconnect();
      document.removeEventListener("themechange", redraw);
      plot.destroy();
    };
  }, [drawing]);
  return <div ref={place} className="canvas" aria-hidden="true" />;
}

function Values({ title, drawing: { times, lines, written } }: { title: string; drawing: Drawing }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section className="values" aria-label={`${title}, values`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            {lines.map(({ name }) => (
              <th key={name} scope="col" className="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((time, at) => (
            <tr key={time}>
              <td>{moment(time)}</td>
              {lines.map(({ name, values }) => (
                <td key={name} className="number">
                  {values[at] === null || values[at] === undefined ? "–" : written(values[at], 4)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
