/** What a conversation shows: its answers, and the turns that came from elsewhere, in the order of their time. */

import { useCallback, useState } from "react";
import { useClient, useQuery } from "urql";
import { type AnsweredFragment, ConversationDocument, type ConversationQuery } from "../../graph/operations.ts";
import { useOnReturn } from "../../parts/returning.ts";

export type Talk = NonNullable<ConversationQuery["conversation"]>;
export type Turn = Talk["turns"]["edges"][number]["node"];
export type Answered = AnsweredFragment;

export type Entry = { at: string; answer: Answered } | { at: string; turn: Turn };

/** The conversation with its newest entries, and a way to earlier ones. */
export function useTalk(id: string) {
  const client = useClient();
  const [{ data, error, fetching }, ask] = useQuery({ query: ConversationDocument, variables: { id } });
  const [older, setOlder] = useState<Talk[]>([]);
  const reload = useCallback(() => ask({ requestPolicy: "network-only" }), [ask]);
  useOnReturn(reload);
  const newest = data?.conversation;
  const pages = newest ? [newest, ...older] : [];
  const last = pages.at(-1);

  async function loadEarlier() {
    if (!last) return;
    const found = await client.query(ConversationDocument, { id, ...placesBefore(last) }).toPromise();
    const page = found.data?.conversation;
    if (page) setOlder([...older, page]);
  }

  return {
    talk: newest,
    isMissing: Boolean(data) && !newest,
    isLoading: fetching && !data,
    error,
    entries: entriesOf(pages),
    loadEarlier: last && hasEarlier(last) ? loadEarlier : undefined,
    reload,
  };
}

function hasEarlier(page: Talk): boolean {
  return page.turns.pageInfo.hasPreviousPage || page.responses.pageInfo.hasNextPage;
}

function placesBefore(page: Talk) {
  return {
    turnsBefore: page.turns.pageInfo.startCursor ?? null,
    responsesAfter: page.responses.pageInfo.endCursor ?? null,
  };
}

/**
 * Oldest first. The turn of an answer has the time of the answer, and is not shown beside it.
 *
 * What lies before the last item of a list that goes on is left out: of the other list something may be missing there.
 */
export function entriesOf(pages: Talk[]): Entry[] {
  const answers = pages.flatMap((page) => page.responses.edges.map(({ node }) => node));
  const answered = new Set(answers.map((answer) => answer.createdAt));
  const turns = pages.flatMap((page) => page.turns.edges.map(({ node }) => node));
  const since = horizon(pages.at(-1), answers, turns);
  return [
    ...answers.map((answer) => ({ at: answer.createdAt, answer })),
    ...turns.filter((turn) => !answered.has(turn.createdAt)).map((turn) => ({ at: turn.createdAt, turn })),
  ]
    .filter((entry) => entry.at >= since)
    .sort((one, other) => (one.at < other.at ? -1 : 1));
}

function horizon(last: Talk | undefined, answers: Answered[], turns: Turn[]): string {
  const ends = [];
  if (last?.turns.pageInfo.hasPreviousPage) ends.push(oldest(turns));
  if (last?.responses.pageInfo.hasNextPage) ends.push(oldest(answers));
  return ends.sort().at(-1) ?? "";
}

function oldest(some: { createdAt: string }[]): string {
  return some.map(({ createdAt }) => createdAt).sort()[0] ?? "";
}

export function isRunning(answer: Answered): boolean {
  return answer.status === "PENDING" || answer.status === "STREAMING";
}
