import { gradesHunt } from '../../kit/bug-hunt.ts'
import { describe } from '../../kit/test.ts'
import { brokenServers, categories } from './broken-servers.ts'
import { correctServers } from './correct-servers.ts'

describe('find the bugs yourself', () => {
  gradesHunt({ level: 3, servers: 30, categories, broken: brokenServers, correct: correctServers })
})
