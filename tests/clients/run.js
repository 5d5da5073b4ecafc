// Runs one snippet of docs/live.md: `node run.js snippets/fetch.js <response id>` prints the text that it shows.
import { WebSocket } from "ws";

// Browsers have it; Node only in its newer versions.
globalThis.WebSocket ??= WebSocket;

const [snippet, id] = process.argv.slice(2);
const { follow } = await import(new URL(snippet, import.meta.url));
await follow(id, (text) => process.stdout.write(text));
process.exit();
