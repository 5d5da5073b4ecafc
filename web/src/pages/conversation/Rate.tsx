/** What one thinks of an answer: one to five stars, and a word if one likes. */

import { type SyntheticEvent, useState } from "react";
import { useMutation } from "urql";
import { RateResponseDocument } from "../../graph/operations.ts";
import { Problem } from "../../parts/Problem.tsx";
import type { Answered } from "./exchange.ts";

const SCORES = [1, 2, 3, 4, 5];

export function Rate({ answer }: { answer: Answered }) {
  const [{ data, error }, rate] = useMutation(RateResponseDocument);
  const rating = data?.rateResponse.response.rating ?? answer.rating;
  const give = (score: number, comment: string | null) => rate({ input: { id: answer.id, score, comment } });
  return (
    <div className="rating">
      <fieldset>
        <legend className="hidden">Your rating</legend>
        {SCORES.map((score) => (
          <button
            key={score}
            type="button"
            className="star"
            aria-pressed={rating?.score === score}
            aria-label={score === 1 ? "1 star" : `${score} stars`}
            onClick={() => give(score, rating?.comment ?? null)}
          >
            {score <= (rating?.score ?? 0) ? "★" : "☆"}
          </button>
        ))}
      </fieldset>
      {rating && <Comment key={rating.comment} kept={rating.comment} save={(comment) => give(rating.score, comment)} />}
      <Problem error={error} />
    </div>
  );
}

function Comment({ kept, save }: { kept: string | null; save: (comment: string | null) => void }) {
  const [isOpen, setOpen] = useState(false);
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const comment = new FormData(event.currentTarget).get("comment");
    save(typeof comment === "string" && comment.trim() ? comment.trim() : null);
    setOpen(false);
  };
  if (!isOpen)
    return (
      <button type="button" className="quiet" onClick={() => setOpen(true)}>
        {kept ? `“${kept}”` : "Add a comment"}
      </button>
    );
  return (
    <form className="row" onSubmit={submit}>
      <input name="comment" aria-label="Comment" maxLength={2000} defaultValue={kept ?? ""} />
      <button type="submit">Save</button>
    </form>
  );
}
