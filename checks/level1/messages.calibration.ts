/** What a learner reads first about each believable mistake. After a change that is meant: `-u`, and read the difference. */
import { brokenServers } from '../../tests/hidden/level1/broken-servers.ts'
import { checkMessages, each } from '../kit/messages.ts'
import { wrongServers } from '../submissions/level1/wrong.ts'

const others = each(12, brokenServers).map((server) => ({
  ...server,
  task: '1.1,1.2,1.3,1.4,1.5',
  fails: [],
}))

checkMessages(1, [...wrongServers, ...others])
