// Opens pages of the grader in a real browser, as people do: from a file, light and dark, on a phone, on paper.
//
//   node tools/browser/look.mjs [page.html …] [--shots folder]
//
// Without pages it publishes a made-up class and looks at that. It ends with 1 if axe finds a violation, a script
// of ours throws, a page is wider than a phone, a table that scrolls does not show it, or a page asks for anything
// that is not in it. Without a browser it says so, and ends with 0.
import { AxeBuilder } from '@axe-core/playwright'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shots: { type: 'string' } },
})
const program = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((name) => name && existsSync(name))
if (program === undefined) {
  console.log(
    'No chromium here, so the pages were not looked at: install it, or name it in CHROMIUM.',
  )
  process.exit(0)
}

const looks = [
  { name: 'light', options: { colorScheme: 'light', viewport: { width: 1280, height: 900 } } },
  { name: 'dark', options: { colorScheme: 'dark', viewport: { width: 1280, height: 900 } } },
  { name: 'phone', options: { colorScheme: 'light', viewport: { width: 360, height: 740 } } },
  {
    name: 'no script',
    options: { javaScriptEnabled: false, viewport: { width: 1280, height: 900 } },
  },
]

const { files, temporary } = await pages()
const shots = values.shots === undefined ? undefined : path.resolve(values.shots)
if (shots !== undefined) mkdirSync(shots, { recursive: true })
const browser = await chromium.launch({
  executablePath: program,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
})
const complaints = []
try {
  for (const file of files) for (const look of looks) await lookAt(file, look)
} finally {
  await browser.close()
  if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true })
}
for (const complaint of complaints) console.log(complaint)
console.log(
  `${files.length} pages, each ${looks.map(({ name }) => name).join(', ')} and as PDF: ${complaints.length} complaints.`,
)
process.exitCode = complaints.length === 0 ? 0 : 1

async function lookAt(file, { name, options }) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const complain = (text) => complaints.push(`${path.basename(file)}, ${name}: ${text}`)
  page.on('pageerror', (error) => complain(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complain(message.text())
  })
  page.on('request', (request) => {
    if (request.url() !== pathToFileURL(file).href) complain(`asks for ${request.url()}`)
  })
  await page.goto(pathToFileURL(file).href)
  const wide = await page
    .evaluate(() => document.documentElement.scrollWidth - innerWidth)
    .catch(() => 0)
  if (wide > 0) complain(`is ${wide} pixels wider than the window`)
  if (name === 'phone' && (await page.evaluate(cutWithoutSign)) > 0)
    complain('has a table that is cut at an edge, and does not show that it scrolls')
  // axe runs as a script itself; what it finds on a phone it finds in a wide window.
  if (name === 'light' || name === 'dark') {
    const { violations } = await new AxeBuilder({ page }).analyze()
    for (const { id, help, nodes } of violations)
      complain(`axe ${id}: ${help} (${nodes[0]?.html.slice(0, 120)})`)
  }
  if (name === 'light' && !(await page.evaluate(sorts))) complain('does not sort by score')
  if (shots !== undefined) {
    const shot = path.join(shots, `${path.basename(file, '.html')}-${name.replace(' ', '-')}`)
    await page.screenshot({ path: `${shot}.png`, fullPage: name === 'phone' })
    if (name === 'light') await page.pdf({ path: `${shot}.pdf`, format: 'A4' })
  } else if (name === 'light') await page.pdf({ format: 'A4' })
  await context.close()
}

async function pages() {
  if (positionals.length > 0) return { files: positionals.map((file) => path.resolve(file)) }
  const { publish } = await import('../../grader/report/publish.ts')
  const { madeUpClass } = await import('../../checks/kit/made-up-class.ts')
  const folder = mkdtempSync(path.join(tmpdir(), 'loadbearing-pages-'))
  // One learner of each kind, and the names that are hard to show.
  const class_ = [...madeUpClass(26)]
  await publish(class_, folder)
  const learners = readdirSync(path.join(folder, 'pages')).filter((name) => /^s02[0-5]/.test(name))
  return {
    files: [
      path.join(folder, 'index.html'),
      ...learners.map((name) => path.join(folder, 'pages', name)),
    ],
    temporary: folder,
  }
}

// In the page: how many boxes scroll sideways without a shade that goes away where there is no more.
function cutWithoutSign() {
  return [...document.querySelectorAll('body *')].filter((box) => {
    const { overflowX, backgroundAttachment } = getComputedStyle(box)
    const scrolls = overflowX !== 'visible' && box.scrollWidth > box.clientWidth
    return scrolls && !backgroundAttachment.includes('local')
  }).length
}

// In the page: presses the heading of the scores twice. A page without such a table has nothing to sort.
function sorts() {
  const table = document.querySelector('table.sortable')
  if (table === null) return true
  const head = table.tHead.rows[0].cells[2]
  const scores = () => [...table.tBodies[0].rows].map((row) => Number(row.cells[2].dataset.sort))
  return ['ascending', 'descending'].every((direction) => {
    head.querySelector('button').click()
    const sorted = scores().toSorted((a, b) => (direction === 'ascending' ? a - b : b - a))
    return head.ariaSort === direction && sorted.join() === scores().join()
  })
}
