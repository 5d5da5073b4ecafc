// The part of the graph that is measured, as one writes it for Mercurius.
import { Buffer } from 'node:buffer'
import { GraphQLScalarType } from 'graphql'
import pg from 'pg'

const pool = new pg.Pool({ max: 8 })

export const schema = `
  scalar DateTime
  scalar JSON
  interface Node { id: ID! }
  type PageInfo { startCursor: String endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! }
  type User implements Node {
    id: ID! externalId: String! name: String metadata: JSON! createdAt: DateTime! updatedAt: DateTime!
    contexts(first: Int = 20, after: String, filter: ContextFilter): ContextConnection!
    conversations(first: Int = 20): ConversationConnection!
  }
  type Context implements Node {
    id: ID! contextType: String! content: JSON! metadata: JSON! createdAt: DateTime! updatedAt: DateTime! version: Int!
  }
  type Conversation implements Node {
    id: ID! title: String createdAt: DateTime! updatedAt: DateTime!
    turns(first: Int = 20): ContextConnection!
    responses(first: Int = 20): ResponseConnection!
  }
  type Response implements Node {
    id: ID! status: String! text: String! grounding: Grounding citations: [Citation!]!
  }
  type Grounding { tokens: Int! budget: Int! items: [GroundingItem!]! }
  type GroundingItem {
    rank: Int! score: Float! reason: String! section: String! included: Boolean! context: Context
  }
  type Citation { number: Int! start: Int! end: Int! }
  type ContextEdge { cursor: String! node: Context! }
  type ContextConnection { edges: [ContextEdge!]! pageInfo: PageInfo! }
  type ConversationEdge { cursor: String! node: Conversation! }
  type ConversationConnection { edges: [ConversationEdge!]! pageInfo: PageInfo! }
  type ResponseEdge { cursor: String! node: Response! }
  type ResponseConnection { edges: [ResponseEdge!]! pageInfo: PageInfo! }
  type UserEdge { cursor: String! node: User! }
  type UserConnection { edges: [UserEdge!]! pageInfo: PageInfo! }
  input ContextFilter { contextTypes: [String!] }
  input UserBy { id: ID externalId: String }
  input CreateContextInput { userId: ID! contextType: String! content: JSON! metadata: JSON }
  type CreateContextPayload { context: Context! }
  type Query {
    user(by: UserBy!): User
    users(first: Int = 20, after: String): UserConnection!
    node(id: ID!): Node
    conversation(id: ID!): Conversation
  }
  type Mutation { createContext(input: CreateContextInput!): CreateContextPayload! }
`

// Named, so that PostgreSQL prepares each once for a connection.
const rowsOf = async (name, text, values) => (await pool.query({ name, text, values })).rows

const bytes = (uuid) => Buffer.from(uuid.replaceAll('-', ''), 'hex')
const uuid = (bytes) => {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
const idOf = (kind, user, row) =>
  Buffer.concat([Buffer.from(kind), bytes(user), ...(row ? [bytes(row)] : [])]).toString('base64url')
const named = (id) => {
  const parts = Buffer.from(id, 'base64url')
  return { kind: String.fromCharCode(parts[0]), user: uuid(parts.subarray(1, 17)), row: uuid(parts.subarray(-16)) }
}
const cursorOf = (row) => {
  const parts = Buffer.alloc(14)
  parts.writeBigInt64BE(BigInt(row.created_at.getTime()) * 1000n, 6)
  return Buffer.concat([parts, bytes(row.id)]).toString('base64url')
}
const placeOf = (cursor) => {
  const parts = Buffer.from(cursor, 'base64url')
  return [new Date(Number(parts.readBigInt64BE(6) / 1000n)), uuid(parts.subarray(14))]
}

const connection = (rows, first, after) => {
  const more = rows.length > first
  const edges = (more ? rows.slice(0, first) : rows).map((node) => ({ node }))
  return { edges, more, after }
}

const contextColumns = 'user_id, id, context_type, content, metadata, created_at, updated_at, version'
const live = 'is_active and (expires_at is null or expires_at > now())'

const byKey = (rows, key) => {
  const groups = new Map()
  for (const row of rows) {
    const k = key(row)
    const group = groups.get(k)
    if (group) group.push(row)
    else groups.set(k, [row])
  }
  return groups
}

// All parents of one place in a document are asked for with the same arguments.
async function contextsOfUsers(queries) {
  const { first, after, filter } = queries[0].params
  const [time, id] = after ? placeOf(after) : ['infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff']
  const types = filter?.contextTypes
  // Equality keeps the order of the index; a condition on a list of types would sort.
  const [name, condition] =
    types == null ? ['contexts', ''] : types.length === 1
      ? ['contexts of a type', 'and context_type = $5'] : ['contexts of types', 'and context_type = any($5)']
  const rows = await rowsOf(name,
    `select p.* from unnest($1::uuid[]) u(id) cross join lateral (
       select ${contextColumns} from contexts
       where user_id = u.id and ${live} and (created_at, id) < ($3, $4) ${condition}
       order by created_at desc, id desc limit $2
     ) p`,
    [queries.map((q) => q.obj.id), first + 1, time, id,
      ...(types == null ? [] : [types.length === 1 ? types[0] : types])])
  const groups = byKey(rows, (row) => row.user_id)
  return queries.map((q) => connection(groups.get(q.obj.id) ?? [], first, after))
}

async function conversationsOfUsers(queries) {
  const { first } = queries[0].params
  const rows = await rowsOf('conversations',
    `select p.* from unnest($1::uuid[]) u(id) cross join lateral (
       select user_id, id, title, created_at, updated_at from conversations
       where user_id = u.id and is_active order by created_at desc, id desc limit $2
     ) p`, [queries.map((q) => q.obj.id), first + 1])
  const groups = byKey(rows, (row) => row.user_id)
  return queries.map((q) => connection(groups.get(q.obj.id) ?? [], first))
}

async function turnsOfConversations(queries) {
  const { first } = queries[0].params
  const rows = await rowsOf('turns',
    `select p.* from unnest($1::uuid[], $2::uuid[]) v(user_id, id) cross join lateral (
       select conversation_id, ${contextColumns} from contexts
       where user_id = v.user_id and conversation_id = v.id and context_type = 'conversation' and ${live}
       order by created_at, id limit $3
     ) p`, [queries.map((q) => q.obj.user_id), queries.map((q) => q.obj.id), first + 1])
  const groups = byKey(rows, (row) => row.conversation_id)
  return queries.map((q) => connection(groups.get(q.obj.id) ?? [], first))
}

async function responsesOfConversations(queries) {
  const { first } = queries[0].params
  const rows = await rowsOf('responses',
    `select p.* from unnest($1::uuid[], $2::uuid[]) v(user_id, id) cross join lateral (
       select user_id, id, conversation_id, status, text, budget, grounding, created_at from responses
       where user_id = v.user_id and conversation_id = v.id
       order by created_at desc, id desc limit $3
     ) p`, [queries.map((q) => q.obj.user_id), queries.map((q) => q.obj.id), first + 1])
  const groups = byKey(rows, (row) => row.conversation_id)
  return queries.map((q) => connection(groups.get(q.obj.id) ?? [], first))
}

async function contextsOfItems(queries) {
  const rows = await rowsOf('contexts by ids',
    `select ${contextColumns} from contexts
     where user_id = any($1) and id = any($2) and (expires_at is null or expires_at > now())`,
    [[...new Set(queries.map((q) => q.obj.userId))], queries.map((q) => q.obj.contextId)])
  const found = new Map(rows.map((row) => [row.id, row]))
  return queries.map((q) => found.get(q.obj.contextId) ?? null)
}

export const loaders = {
  User: { contexts: contextsOfUsers, conversations: conversationsOfUsers },
  Conversation: { turns: turnsOfConversations, responses: responsesOfConversations },
  GroundingItem: { context: contextsOfItems },
}

const userColumns = 'id, external_id, name, metadata, created_at, updated_at'

async function user(_, { by }) {
  const rows = by.id
    ? await rowsOf('user by id', `select ${userColumns} from users where id = $1`, [named(by.id).user])
    : await rowsOf('user', `select ${userColumns} from users where external_id = $1`, [by.externalId])
  return rows[0] ?? null
}

async function users(_, { first, after }) {
  const [time, id] = after ? placeOf(after) : ['infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff']
  const rows = await rowsOf('users',
    `select ${userColumns} from users where (created_at, id) < ($2, $3)
     order by created_at desc, id desc limit $1`, [first + 1, time, id])
  return connection(rows, first, after)
}

const byId = {
  C: ['Context', 'contexts', contextColumns],
  V: ['Conversation', 'conversations', 'user_id, id, title, created_at, updated_at'],
  R: ['Response', 'responses', 'user_id, id, status, text, budget, grounding, created_at'],
}

async function found(id) {
  const { kind, user, row } = named(id)
  const [__typename, table, columns] = byId[kind]
  const rows = await rowsOf(`one of ${table}`,
    `select ${columns} from ${table} where user_id = $1 and id = $2`, [user, row])
  return rows[0] ? Object.assign(rows[0], { __typename }) : null
}

async function createContext(_, { input }) {
  const text = `${input.contextType}\n${input.content.text}`
  const [context] = await rowsOf('create',
    `insert into contexts (user_id, id, context_type, content, metadata, search)
     values ($1, uuidv7(), $2, $3, $4, to_tsvector('english', $5)) returning ${contextColumns}`,
    [named(input.userId).user, input.contextType, input.content, input.metadata ?? {}, text])
  return { context }
}

const mark = /\[(\d+)\]/g

const ofConnection = {
  pageInfo: ({ edges, more, after }) => ({
    hasNextPage: more,
    hasPreviousPage: after != null,
    startCursor: edges.length ? cursorOf(edges[0].node) : null,
    endCursor: edges.length ? cursorOf(edges.at(-1).node) : null,
  }),
}
const ofEdge = { cursor: ({ node }) => cursorOf(node) }
const times = { createdAt: (row) => row.created_at, updatedAt: (row) => row.updated_at }

export const resolvers = {
  DateTime: new GraphQLScalarType({ name: 'DateTime', serialize: (value) => value.toISOString() }),
  JSON: new GraphQLScalarType({
    name: 'JSON',
    serialize: (value) => value,
    parseValue: (value) => value,
  }),
  Query: { user, users, node: (_, { id }) => found(id), conversation: (_, { id }) => found(id) },
  Mutation: { createContext },
  User: { id: (row) => idOf('U', row.id), externalId: (row) => row.external_id, ...times },
  Context: { id: (row) => idOf('C', row.user_id, row.id), contextType: (row) => row.context_type, ...times },
  Conversation: { id: (row) => idOf('V', row.user_id, row.id), ...times },
  Response: {
    id: (row) => idOf('R', row.user_id, row.id),
    grounding: (row) => row.grounding && {
      tokens: row.grounding.tokens,
      budget: row.budget,
      items: row.grounding.items.map((item) => ({ ...item, userId: row.user_id })),
    },
    citations: (row) => [...row.text.matchAll(mark)].map((found) => ({
      number: Number(found[1]), start: found.index, end: found.index + found[0].length,
    })),
  },
  ContextConnection: ofConnection,
  ConversationConnection: ofConnection,
  ResponseConnection: ofConnection,
  UserConnection: ofConnection,
  ContextEdge: ofEdge,
  ConversationEdge: ofEdge,
  ResponseEdge: ofEdge,
  UserEdge: ofEdge,
}
