/**
 * What is wrong with JUnit XML, as its readers agree on it (the schemas of Ant and Jenkins): elements, their
 * attributes, and counts that are true. Reads only what a report may hold: elements, attributes, text, five entities.
 */

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
}

const COUNT = /^\d+$/
const SECONDS = /^\d+(\.\d+)?$/
const TEXT = /^[^\n]*$/s

const ELEMENTS: Readonly<
  Record<
    string,
    { readonly in: readonly string[]; readonly attributes: Readonly<Record<string, RegExp>> }
  >
> = {
  testsuites: { in: [''], attributes: { name: TEXT } },
  testsuite: {
    in: ['testsuites'],
    attributes: {
      name: TEXT,
      tests: COUNT,
      failures: COUNT,
      errors: COUNT,
      skipped: COUNT,
      time: SECONDS,
      timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/,
    },
  },
  testcase: { in: ['testsuite'], attributes: { name: TEXT, classname: TEXT, time: SECONDS } },
  failure: { in: ['testcase'], attributes: { message: /^/, type: /^\w+$/ } },
  error: { in: ['testcase'], attributes: { message: /^/, type: /^\w+$/ } },
  skipped: { in: ['testcase'], attributes: { message: /^/ } },
}

export function junitFaults(xml: string): string[] {
  try {
    return faultsOf(parse(xml), '')
  } catch (error) {
    return [String(error)]
  }
}

function faultsOf(element: Element, parent: string): string[] {
  const { name, attributes, children } = element
  const known = ELEMENTS[name]
  if (known === undefined) return [`unknown element ${name}`]
  const wrong = Object.entries(known.attributes).filter(
    ([attribute, form]) => !form.test(attributes[attribute] ?? '\n'),
  )
  const count = (...names: readonly string[]) =>
    children.filter((child) => child.children.some((outcome) => names.includes(outcome.name)))
      .length
  const counts =
    name === 'testsuite'
      ? {
          tests: children.length,
          failures: count('failure'),
          errors: count('error'),
          skipped: count('skipped'),
        }
      : {}
  return [
    ...(known.in.includes(parent) ? [] : [`${name} in ${parent}`]),
    ...wrong.map(([attribute]) => `${name} ${attribute}="${attributes[attribute] ?? 'missing'}"`),
    ...Object.keys(attributes)
      .filter((attribute) => !(attribute in known.attributes))
      .map((attribute) => `${name} has ${attribute}`),
    ...Object.entries(counts)
      .filter(([attribute, truth]) => Number(attributes[attribute]) !== truth)
      .map(([attribute, truth]) => `${attribute} is ${attributes[attribute] ?? ''}, not ${truth}`),
    ...(name === 'testcase' && children.length > 1 ? ['a test case with two outcomes'] : []),
    ...children.flatMap((child) => faultsOf(child, name)),
  ]
}

const TOKEN = /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|([^<]+)/gy
const FORBIDDEN =
  /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|\]\]>|&(?!(?:amp|lt|gt|quot|apos|#\d+);)/u

/** @throws where it is not well-formed */
function parse(xml: string): Element {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
  if (!xml.startsWith(declaration)) throw new Error('no declaration')
  const outside: Element = { name: '', attributes: {}, children: [] }
  const open = [outside]
  TOKEN.lastIndex = declaration.length
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex
    const token = TOKEN.exec(xml)
    if (token === null) throw new Error(`not well-formed at ${at}: ${xml.slice(at, at + 60)}`)
    const [whole, closing, name = '', attributes = '', empty, text] = token
    const forbidden = FORBIDDEN.exec(whole)
    if (forbidden !== null) throw new Error(`forbidden in XML: ${JSON.stringify(forbidden[0])}`)
    if (text !== undefined) continue
    if (closing) {
      const closed = open.pop()
      if (closed?.name !== name) throw new Error(`</${name}> closes ${closed?.name ?? 'nothing'}`)
      continue
    }
    const element = {
      name,
      attributes: Object.fromEntries(
        [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
      ) as Record<string, string>,
      children: [],
    }
    open.at(-1)?.children.push(element)
    if (!empty) open.push(element)
  }
  const [root, ...others] = outside.children
  if (open.length !== 1 || root === undefined || others.length > 0) throw new Error('not one root')
  return root
}
