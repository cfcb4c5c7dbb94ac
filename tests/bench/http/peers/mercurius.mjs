import Fastify from 'fastify'
import mercurius from 'mercurius'
import { listenTo, resolvers, typeDefs } from './answers.mjs'

const app = Fastify()
app.register(mercurius, { schema: typeDefs, resolvers, jit: 1 })
await app.listen(listenTo)
