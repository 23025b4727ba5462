/** Small submissions of level 1, taken in and built. */
import path from 'node:path'
import { build, type Build } from '../../harness/build.ts'
import { takeIn } from '../../harness/intake.ts'
import { levelNumbered, type Level } from '../../levels/register.ts'
import { folderWith } from './folders.ts'

export function level1(): Level {
  const level = levelNumbered(1)
  if (level === undefined) throw new Error('the register has no level 1')
  return level
}

/** Builds a submission that consists of these files: `{ 'level1/main.ts': '…' }`. */
export async function built(
  files: Readonly<Record<string, string>>,
  level = level1(),
): Promise<Build> {
  const folder = await folderWith(files)
  const intake = await takeIn(folder, level.number, path.join(folder, 'copy'))
  return await build(intake, level, path.join(folder, 'build'))
}

/** A server whose `main.ts` runs this for every connection. */
export function serverThat(onConnection: string): Readonly<Record<string, string>> {
  return {
    'level1/main.ts': `import { createServer, type Socket } from 'node:net'
const server = createServer((socket: Socket) => { socket.on('error', () => {}); ${onConnection} })
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  const { port } = server.address() as { port: number }
  console.log('listening on http://127.0.0.1:' + port)
})
`,
  }
}
