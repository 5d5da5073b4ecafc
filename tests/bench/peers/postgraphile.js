// PostGraphile with the presets that it recommends, on Node's own HTTP server, with a pool of eight connections.
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { PostGraphileRelayPreset } from 'postgraphile/presets/relay'

const workers = Number(process.env.WORKERS ?? 1)

if (cluster.isPrimary && workers > 1) {
  for (let n = 0; n < workers; n++) cluster.fork()
} else {
  const { PGHOST, PGUSER, PGDATABASE, PORT } = process.env
  const served = postgraphile({
    extends: [PostGraphileAmberPreset, PostGraphileRelayPreset],
    pgServices: [makePgService({
      schemas: ['shown'],
      poolConfig: { host: PGHOST, user: PGUSER, database: PGDATABASE, max: 8 },
    })],
    grafserv: { graphqlPath: '/graphql', graphiql: false, websockets: false, watch: false },
    grafast: { explain: false },
  }).createServ(grafserv)
  const server = createServer()
  await served.addTo(server)
  server.listen(Number(PORT), '127.0.0.1')
}
