/** The reference behind another socket, and with the choices that it did not make: a test that accuses one of them is wrong itself. */
import { correctServers } from '../../tests/hidden/level1/correct-servers.ts'
import { checkCorrectServers, edited, shaped } from '../kit/correct-servers.ts'

checkCorrectServers(1, 'level1', [...shaped(1), ...edited(1, correctServers)])
