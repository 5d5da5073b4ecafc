/** How the tokens of a prompt lie against its budget. */

import "../styles/tokens.css";
import { count } from "./amounts.ts";

export type Share = { name: string; kind: string; tokens: number };

/** A bar as long as the budget, and what its parts are, in words. */
export function TokenBar({ budget, tokens, shares }: { budget: number; tokens: number; shares: Share[] }) {
  const some = shares.filter((share) => share.tokens > 0);
  return (
    <figure className="tokens">
      <figcaption>
        <strong>{count(tokens)}</strong> of {count(budget)} tokens
      </figcaption>
      <div className="bar" aria-hidden="true">
        {some.map((share) => (
          <span
            key={share.kind}
            className={`share ${share.kind}`}
            style={{ inlineSize: `${(100 * share.tokens) / budget}%` }}
          />
        ))}
      </div>
      <ul>
        {some.map((share) => (
          <li key={share.kind}>
            <span className={`share ${share.kind}`} aria-hidden="true" /> {share.name} {count(share.tokens)}
          </li>
        ))}
      </ul>
    </figure>
  );
}
