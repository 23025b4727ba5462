/** Correct servers that were written anew, each in another way: a test that accuses one of them is wrong itself. */
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { root } from '../../grader/course.ts'
import { writeEdited } from '../../tests/kit/edited.ts'
import { checkCorrectServers, written } from '../kit/correct-servers.ts'

/** Correct by the public test of task 1.7. */
const wrapsNodeHttp = {
  name: 'wraps-node-http',
  what: 'wraps node:http',
  lay: async (into: string) => {
    await writeEdited({ name: '', what: '', edits: [] }, 1, into)
    await cp(path.join(root, 'tests/public/level1/servers/correct'), into, { recursive: true })
  },
}

// Not 1.7, which judges cases.ts: all of them have the reference's.
checkCorrectServers(1, '1.1,1.2,1.3,1.4,1.5,1.6', [...written(1), wrapsNodeHttp])
