/** `npm start -- level1`: runs the server on PORT [8080] until Ctrl-C. */
import path from 'node:path'
import { build } from '../../harness/build.ts'
import { SubmissionFault } from '../../harness/faults.ts'
import { takeIn } from '../../harness/intake.ts'
import { removeFolder, temporaryFolder } from '../../harness/reaper.ts'
import { sandboxes } from '../../harness/sandbox/sandbox.ts'
import { asWritten } from '../../harness/server.ts'
import { sourceOf, type CommonOptions } from '../cli.ts'
import { readTarget, referenceFolder } from '../course.ts'
import { runToEnd } from '../run-to-end.ts'
import { printable } from '../terminal/style.ts'

/** The place in the file that we made of all of them says nothing: the stack below has the learner's own. */
function tell(line: string): string | undefined {
  const told = asWritten(line)
  return /^levels\/level\d+\/main\.js:\d+$/.test(told) ? undefined : told
}

export async function start(text: string, options: CommonOptions): Promise<void> {
  const { level } = readTarget(text)
  const folder = await temporaryFolder()
  try {
    const earlier = options.onReference ? referenceFolder() : undefined
    const intake = await takeIn(
      sourceOf(options),
      level.number,
      path.join(folder, 'source'),
      earlier,
    )
    const built = await build(intake, level, path.join(folder, 'build'), {
      allowAnyImport: options.anyImport ?? false,
    })
    const staticRoot = process.env['STATIC_ROOT']
    const entry = path.join(built.folder, `level${level.number}`, 'main.js')
    const command = sandboxes[built.sandbox].command({
      folder: built.folder,
      entry,
      environment: {},
      grants: {
        workers: level.workers,
        read: staticRoot === undefined ? [] : [path.resolve(staticRoot)],
      },
    })
    process.exitCode = await runToEnd(command.program, command.arguments, {
      tell,
    })
  } catch (error) {
    if (!(error instanceof SubmissionFault)) throw error
    process.stderr.write(`${printable(error.message)}\n${printable(error.detail)}\n`)
    process.exitCode = 1
  } finally {
    await removeFolder(folder)
  }
}
