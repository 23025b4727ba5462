import { BenchRecord } from '../../bench/record.ts'
import { writeEdited, type Edited } from '../../tests/kit/edited.ts'
import { loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'

/** What `npm run bench -- level1 --quick` finds out about an edited reference. Nothing else may be running. */
export async function benched(edited: Edited, level: number): Promise<BenchRecord> {
  const folder = await folderWith()
  await writeEdited(edited, level, folder)
  const options = ['--from', folder, '--out', await folderWith(), '--json', '--seed', '1']
  const { stdout } = await loadbearing(['bench', `level${level}`, '--quick', ...options])
  return BenchRecord.parse(JSON.parse(stdout))
}
