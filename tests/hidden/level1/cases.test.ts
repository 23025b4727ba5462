import { gradesHunt } from '../../kit/bug-hunt.ts'
import { describe } from '../../kit/test.ts'
import { brokenServers, categories } from './broken-servers.ts'
import { correctServers } from './correct-servers.ts'

describe('find the bugs yourself', () => {
  gradesHunt({ level: 1, servers: 20, categories, broken: brokenServers, correct: correctServers })
})
