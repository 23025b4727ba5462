/** Each fault of the starter, alone, fails the tests of the level that are about it, and no other. */
import { checkWrongServers } from '../kit/wrong-servers.ts'
import { wrongServers } from '../submissions/level1/wrong.ts'

checkWrongServers(1, wrongServers, 'level')
