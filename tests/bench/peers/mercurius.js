// Mercurius with its JIT and loaders, on Fastify, with a pool of eight connections.
import cluster from 'node:cluster'
import Fastify from 'fastify'
import mercurius from 'mercurius'
import { loaders, resolvers, schema } from './mercurius-graph.js'

const workers = Number(process.env.WORKERS ?? 1)

if (cluster.isPrimary && workers > 1) {
  for (let n = 0; n < workers; n++) cluster.fork()
} else {
  const app = Fastify()
  app.register(mercurius, { schema, resolvers, loaders, jit: 1 })
  await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
}
