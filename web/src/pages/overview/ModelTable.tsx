/** What was asked of each model, and what it has cost. */

import type { ActivityQuery } from "../../graph/operations.ts";
import { count, dollars } from "../../parts/amounts.ts";

type Models = ActivityQuery["stats"]["activity"]["models"];

export function ModelTable({ models, range }: { models: Models; range: string }) {
  return (
    <>
      <h2 id="models">Models in the last {range}</h2>
      {models.length === 0 ? <p className="empty">No model was asked.</p> : <Rows models={models} />}
      <p className="faint">
        Tokens and prices are as the providers report them, summaries included; – is where no price is known.
      </p>
    </>
  );
}

function Rows({ models }: { models: Models }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section className="scrolls" aria-labelledby="models" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" className="number">
              Answers
            </th>
            <th scope="col" className="number">
              Failed
            </th>
            <th scope="col" className="number">
              Tokens in
            </th>
            <th scope="col" className="number">
              Tokens out
            </th>
            <th scope="col" className="number">
              Price
            </th>
          </tr>
        </thead>
        <tbody>
          {models.map((one) => (
            <tr key={one.model}>
              <th scope="row" className="name">
                {one.model}
              </th>
              <td className="number">{count(one.responses)}</td>
              <td className="number">{count(one.failed)}</td>
              <td className="number">{count(one.inputTokens)}</td>
              <td className="number">{count(one.outputTokens)}</td>
              <td className="number">{one.costUsd === null ? "–" : dollars(one.costUsd)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
