// Static files by @fastify/static behind fastify, which stands on node:http.
import fastify from 'fastify'
import fastifyStatic from '@fastify/static'

const app = fastify()
app.register(fastifyStatic, { root: process.env.STATIC_ROOT, prefix: '/static/' })
console.log(
  `listening on ${await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })}`,
)
