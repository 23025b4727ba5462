/** Correct servers of very different shape: a test that accuses one of them is wrong itself. */
import { checkCorrectServers, shaped, written } from '../kit/correct-servers.ts'

checkCorrectServers(2, 'level2', [...written(2), ...shaped(2)])
