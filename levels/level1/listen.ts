/** Given. Opens the listening socket of a server, and says so. */
import type { AddressInfo, Server } from 'node:net'

/**
 * Listens on `HOST` and `PORT`, prints the one line that tells where, and resolves with the port.
 *
 * A port in use, or one that we may not open, is one line on stderr and exit code 1.
 */
export function listen(
  server: Server,
  { HOST, PORT }: { readonly HOST: string; readonly PORT: number },
): Promise<number> {
  return new Promise((resolve) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      process.stderr.write(`${whyNot(error, HOST, PORT)}\n`)
      process.exit(1)
    }
    server.once('error', refuse)
    server.listen({ host: HOST, port: PORT }, () => {
      server.off('error', refuse)
      const { port } = server.address() as AddressInfo
      const host = HOST.includes(':') ? `[${HOST}]` : HOST
      process.stdout.write(`listening on http://${host}:${port}\n`)
      resolve(port)
    })
  })
}

function whyNot(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use: stop what listens there, or choose another one (PORT=0 takes any free one).`
    case 'EACCES':
      return `Port ${port} may not be opened by this user: choose one above 1023 (PORT=0 takes any free one).`
    default:
      return `Cannot listen on ${host}, port ${port}: ${error.message}.`
  }
}
