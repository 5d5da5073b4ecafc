// Asks one server three times with Apollo's persisted queries: `node persisted.js <url>` prints what was sent and told.
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

const [url, useGETForHashedQueries] = process.argv.slice(2);
const sent = [];

const watched = (address, options) => {
  const asked = options.body ? JSON.parse(options.body) : Object.fromEntries(new URL(address).searchParams);
  sent.push({ method: options.method, query: "query" in asked, named: JSON.stringify(asked).includes("persistedQuery") });
  return fetch(address, options);
};

const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.from([
    new PersistedQueryLink({
      sha256: (text) => createHash("sha256").update(text).digest("hex"),
      useGETForHashedQueries: useGETForHashedQueries === "GET",
    }),
    new HttpLink({ uri: url, fetch: watched, headers: { Authorization: `Bearer ${process.env.CREDENTIAL}` } }),
  ]),
});

const told = [];
for (let time = 0; time < 3; time += 1) {
  const { data } = await client.query({ query: gql`query Count { users { totalCount } }`, fetchPolicy: "no-cache" });
  told.push(data.users.totalCount);
}
console.log(JSON.stringify({ sent, told }));
process.exit();
