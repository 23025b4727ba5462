/** Each believable fault, alone, fails the tests of level 2 that are about it, and no other. */
import { checkWrongServers } from '../kit/wrong-servers.ts'
import { wrongServers } from '../submissions/level2/wrong.ts'

checkWrongServers(2, wrongServers)
