import { createServer } from 'node:http'
import { createSchema, createYoga } from 'graphql-yoga'
import { listenTo, resolvers, typeDefs } from './answers.mjs'

const schema = createSchema({ typeDefs, resolvers, resolverValidationOptions: { requireResolversForResolveType: 'ignore' } })
const yoga = createYoga({ schema, graphiql: false, logging: false })
createServer(yoga).listen(listenTo)
