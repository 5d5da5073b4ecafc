/** How GraphiQL asks: by fetch, or over a WebSocket what is live, with the credential of this tab. */

import { createGraphiQLFetcher, type Fetcher, type FetcherParams } from "@graphiql/toolkit";
import { authorization } from "../session/key.ts";
import { announce } from "./newest.ts";

const ADDRESS = "/graphql";

type Headers = Record<string, string>;

/** A fetcher for each operation: what is typed into the headers editor counts for a WebSocket too, which has it once. */
export const fetcher: Fetcher = async (asked, options) => {
  const headers = withCredential(options?.headers as Headers | undefined);
  const ask = createGraphiQLFetcher({
    url: ADDRESS,
    subscriptionUrl: ADDRESS,
    headers,
    wsConnectionParams: headers,
  });
  const answers = await ask(asked, { ...options, headers: {} });
  return isIntrospection(asked) || !isIterable(answers) ? answers : announced(answers);
};

/** An `Authorization` that was typed is sent instead of ours, however it is spelled. */
function withCredential(typed: Headers = {}): Headers {
  const named = Object.keys(typed).some((name) => name.toLowerCase() === "authorization");
  return named ? typed : { ...authorization(), ...typed };
}

function isIntrospection({ operationName }: FetcherParams): boolean {
  return operationName === "IntrospectionQuery";
}

function isIterable<Value>(value: unknown): value is AsyncIterable<Value> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

async function* announced<Answer>(answers: AsyncIterable<Answer>): AsyncGenerator<Answer> {
  for await (const answer of answers) {
    yield answer;
    // By now it is shown.
    announce(answer);
  }
}
