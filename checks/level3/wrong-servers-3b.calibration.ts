/** Each believable fault of tasks 3.5 and 3.7-3.9, alone, fails the tests that are about it, and no other. */
import { checkWrongServers } from '../kit/wrong-servers.ts'
import { wrongServers } from '../submissions/level3/wrong-3b.ts'

checkWrongServers(3, wrongServers)
