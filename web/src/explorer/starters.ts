/** The tabs that GraphiQL opens with in a browser that has none: they run as they are on the users of `make seed`. */

import type { ShownFragment } from "../graph/operations.ts";
import answer from "./starters/answer.graphql?raw";
import context from "./starters/context.graphql?raw";
import live from "./starters/live.graphql?raw";
import receipt from "./starters/receipt.graphql?raw";

export const SEEDED = "ada";

export type Starter = { query: string; variables: string };

const SEED_FIRST = `# Nobody called "${SEEDED}" is stored here yet: run
# \`make seed\` first, then open this page anew.
#
`;

/** The tabs for this user and their newest response, of whom there may be none. */
export function starters(user: ShownFragment | undefined): Starter[] {
  const response = user && newestResponse(user);
  const ids = (named: Record<string, string | undefined>) => JSON.stringify(named, null, 2);
  const tabs = [
    { query: context.replace(`"${SEEDED}"`, JSON.stringify(user?.externalId ?? SEEDED)), variables: "" },
    { query: answer, variables: ids({ user: user?.id ?? "" }) },
    { query: receipt, variables: ids({ response: response ?? "" }) },
    { query: live, variables: ids({ response: response ?? "", user: user?.id ?? "" }) },
  ];
  return user ? tabs : tabs.map((tab) => ({ ...tab, query: SEED_FIRST + tab.query }));
}

function newestResponse(user: ShownFragment): string | undefined {
  const newest = user.conversations.edges.flatMap(({ node }) => node.responses.edges.map((edge) => edge.node));
  return newest.sort((one, other) => other.createdAt.localeCompare(one.createdAt))[0]?.id;
}
