/** What a learner reads first about each believable mistake. After a change that is meant: `-u`, and read the difference. */
import { checkMessages, each } from '../kit/messages.ts'
import { wrongServers } from '../submissions/level2/wrong.ts'

checkMessages(2, each(3, wrongServers))
