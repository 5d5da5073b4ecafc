// Runs every official audit of GraphQL over HTTP: `CREDENTIAL=<key or token> node audits.js <address of GraphQL>`
// prints what became of each, as JSON.
import { serverAudits } from "graphql-http";

const [url] = process.argv.slice(2);
const { CREDENTIAL: credential } = process.env;
const known = credential ? { authorization: `Bearer ${credential}` } : {};

const fetchFn = (address, asked = {}) => fetch(address, { ...asked, headers: { ...asked.headers, ...known } });

const results = [];
for (const { id, name, fn } of serverAudits({ url, fetchFn })) {
  const { status, reason } = await fn();
  results.push({ id, name, status, reason });
}
process.stdout.write(JSON.stringify(results));
