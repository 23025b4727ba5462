/** What a learner reads first about each believable mistake. After a change that is meant: `-u`, and read the difference. */
import { checkMessages, each } from '../kit/messages.ts'
import { wrongServers as firstHalf } from '../submissions/level3/wrong-3a.ts'
import { wrongServers as secondHalf } from '../submissions/level3/wrong-3b.ts'

checkMessages(3, each(4, [...firstHalf, ...secondHalf]))
