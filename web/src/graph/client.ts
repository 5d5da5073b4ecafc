/** The way to the graph: urql over HTTP for queries and mutations, graphql-ws over one WebSocket for what is live. */

import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { Client, cacheExchange, fetchExchange } from "@urql/core";
import { print } from "graphql";
import { createClient, type Client as Socket } from "graphql-ws";
import { authorization } from "../session/key.ts";
import { observable } from "./observable.ts";

const ADDRESS = "/graphql";
const LONGEST_PAUSE = 5000;
const NORMAL = 1000;

/** Whether what is followed arrives just now. */
export const connection = observable<"live" | "lost">("live");

export function createUrql(): Client {
  return new Client({
    url: ADDRESS,
    preferGetMethod: false,
    requestPolicy: "cache-and-network",
    fetchOptions: () => ({ headers: authorization() }),
    exchanges: [cacheExchange, fetchExchange],
  });
}

let socket: Socket | undefined;

/** The socket of this tab, opened when something is followed and closed when nothing is. */
function opened(): Socket {
  socket ??= createClient({
    url: ADDRESS,
    connectionParams: authorization,
    // For as long as somebody looks: a server that restarts is there again in a moment.
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (tries) => pause(Math.min(LONGEST_PAUSE, 250 * 2 ** tries) * (0.75 + Math.random() / 2)),
    // From one page to the next it stays open.
    lazyCloseTimeout: 2000,
    on: { connected: () => connection.set("live"), closed: (event) => isLoss(event) && connection.set("lost") },
  });
  return socket;
}

/** Not one that we have closed ourselves, because nothing is followed. */
function isLoss(event: unknown): boolean {
  return !(event instanceof CloseEvent && event.code === NORMAL);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Forget who asked: whoever signs in next gets a socket of their own. */
export function closeSocket(): void {
  socket?.dispose();
  socket = undefined;
}

export type Follower<Data> = {
  next: (data: Data) => void;
  /** The server has refused, or told of an error, and tells nothing more. */
  refused: (problem: Error) => void;
  complete?: () => void;
};

/**
 * Follow a subscription until it ends or the returned function is called.
 *
 * Lost connections are made anew, and the variables are read each time that the operation is sent:
 * one that is a getter, such as `after`, lets it go on where it was.
 */
export function follow<Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  follower: Follower<Data>,
): () => void {
  return opened().subscribe<Data>(
    { query: print(document), variables },
    {
      next({ data, errors }) {
        if (errors?.[0]) follower.refused(new Error(errors[0].message));
        else if (data) follower.next(data);
      },
      error: (reason) => follower.refused(asError(reason)),
      complete: () => follower.complete?.(),
    },
  );
}

function asError(reason: unknown): Error {
  if (reason instanceof Error) return reason;
  const told = Array.isArray(reason) ? reason[0]?.message : undefined;
  return new Error(told ?? "The server ended what was followed.");
}
