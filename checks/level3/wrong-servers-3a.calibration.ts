/** Each believable fault of tasks 3.1-3.4 and 3.6, alone, fails the tests that are about it, and no other. */
import { checkWrongServers } from '../kit/wrong-servers.ts'
import { wrongServers } from '../submissions/level3/wrong-3a.ts'

checkWrongServers(3, wrongServers)
