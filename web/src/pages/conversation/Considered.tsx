/** One context that was considered for an answer. */

import { useEffect, useRef } from "react";
import { Link } from "wouter";
import type { ConsideredFragment, GroundingReason } from "../../graph/operations.ts";

const WHY: Record<GroundingReason, string> = {
  PROFILE: "it is the profile",
  RECENT: "recent in this conversation",
  RELEVANT: "it matches the message",
  NEIGHBOUR: "it stands beside something relevant",
  OVER_BUDGET: "the budget had no room for it",
  BELOW_THRESHOLD: "it matches the message too little",
  DUPLICATE: "the same is in the prompt already",
};

const LONGEST = 220;

type Props = { item: ConsideredFragment; userId: string; isCited: boolean };

export function Considered({ item, userId, isCited }: Props) {
  const place = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isCited) place.current?.scrollIntoView({ block: "nearest" });
  }, [isCited]);
  return (
    <li ref={place} className={isCited ? "item cited" : "item"}>
      <p className="row">
        {item.number !== null && <span className="cite">[{item.number}]</span>}
        <span className="tag">{item.context?.contextType ?? "gone"}</span>
        <span className="faint">{item.tokens} tokens</span>
        <Score item={item} />
      </p>
      <p className="snippet">{shortened(item.context?.text)}</p>
      <p className="faint">
        {item.included ? "In" : "Out"}: {WHY[item.reason]}
        {item.truncated && ", its beginning only"}. <Version item={item} userId={userId} />
      </p>
    </li>
  );
}

function Score({ item }: { item: ConsideredFragment }) {
  if (item.section !== "KNOWLEDGE") return null;
  const parts = [
    item.keywordScore !== null && `words ${item.keywordScore.toFixed(2)}`,
    item.semanticScore !== null && `meaning ${item.semanticScore.toFixed(2)}`,
  ].filter(Boolean);
  return (
    <span className="score">
      <meter min={0} max={1} value={item.score} aria-label="Score" />
      <span>{item.score.toFixed(2)}</span>
      {parts.length > 0 && <span className="faint">({parts.join(", ")})</span>}
    </span>
  );
}

function Version({ item, userId }: { item: ConsideredFragment; userId: string }) {
  const { context, contextVersion } = item;
  if (!context) return <>The context is no longer there.</>;
  return (
    <>
      <Link href={`/users/${userId}/contexts/${context.id}?version=${contextVersion}`}>Version {contextVersion}</Link>
      {context.version > contextVersion && ` (now ${context.version})`}
    </>
  );
}

function shortened(text: string | undefined): string {
  if (!text) return "";
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
