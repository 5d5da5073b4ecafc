/** What went wrong, in the server's words, with what whoever runs it needs to find it in the log. */

import type { CombinedError } from "@urql/core";

export function Problem({ error }: { error: CombinedError | Error | undefined }) {
  if (!error) return null;
  const { message, code, requestId } = told(error);
  return (
    <div className="problem" role="alert">
      <p>{message}</p>
      {code && (
        <p className="faint">
          <code>{code}</code>
          {requestId && <> · request {requestId}</>}
        </p>
      )}
    </div>
  );
}

type Told = { message: string; code?: string; requestId?: string };

/** The first error of an answer. One that has come no way is the network's. */
export function told(error: CombinedError | Error): Told {
  if (!("graphQLErrors" in error)) return { message: error.message };
  const first = error.graphQLErrors[0];
  if (!first) return { message: "The server cannot be reached. What is shown may be old." };
  const { code, requestId } = first.extensions as { code?: string; requestId?: string };
  return { message: first.message, ...(code && { code }), ...(requestId && { requestId }) };
}

/** The code of the first error, such as `CONFLICT`. */
export function codeOf(error: CombinedError | undefined): string | undefined {
  return error && told(error).code;
}
