// Where there is no wrk: sends the bodies of a file, a line each, round and round, and tells what came of it as
// `rotate.lua` does. Arguments: URL, connections, seconds, the file, the value of `Authorization` if there is one.
import { readFileSync } from 'node:fs'
import autocannon from 'autocannon'

const [url, connections, duration, file, authorization] = process.argv.slice(2)
const bodies = readFileSync(file, 'utf8').split('\n').filter(Boolean)
let failed = 0
let failure = ''

const result = await autocannon({
  url,
  method: 'POST',
  connections: Number(connections),
  duration: Number(duration),
  timeout: 30,
  headers: {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(authorization ? { authorization } : {}),
  },
  requests: bodies.map((body) => ({
    body,
    onResponse(status, answer) {
      if (status === 200 && !answer.includes('"errors"')) return
      failed += 1
      failure = `${status} ${answer.slice(0, 300)}`
    },
  })),
})

process.stderr.write(`${JSON.stringify({
  requests: result.requests.total,
  seconds: result.duration,
  p50: result.latency.p50,
  p99: result.latency.p99,
  failed: failed + result.errors,
})}\n${failure}\n`)
