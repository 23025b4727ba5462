// GET / with the same answer as ours, by fastify 5.
import fastify from 'fastify'

const app = fastify()
app.get('/', (_request, reply) => {
  reply.header('content-type', 'text/plain; charset=utf-8').send('Hello, World!')
})
console.log(
  `listening on ${await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })}`,
)
