/** Correct servers of very different shape: a test that accuses one of them is wrong itself. */
import { correctServers } from '../../tests/hidden/level3/correct-servers.ts'
import { checkCorrectServers, edited, shaped, written } from '../kit/correct-servers.ts'

checkCorrectServers(3, '3.1,3.2,3.3,3.4,3.5,3.6,3.7,3.8,3.9', [
  ...written(3),
  ...shaped(3),
  // One request at a time is a choice that cases must allow, but task 3.2 asks for more.
  ...edited(
    3,
    correctServers.filter(({ name }) => name !== 'one-after-the-other'),
  ),
])
