import { link, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { entryAt, listSubmissions, unpack } from '../../grader/class/submissions.ts'
import { tarGzOf, tarOf, zipOf, type ArchiveFile, type TarFile } from '../kit/archives.ts'
import { folderWith } from '../kit/folders.ts'

const MEGABYTE = 1024 ** 2

async function fileWith(name: string, bytes: Buffer): Promise<string> {
  const file = path.join(await folderWith(), name)
  await writeFile(file, bytes)
  return file
}

/** What is unpacked from a file or a folder, and what is noted as left alone. */
async function unpacked(from: string) {
  const ignored: string[] = []
  const into = path.join(await folderWith(), 'into')
  const folder = await unpack(entryAt(from), into, (name) => ignored.push(name))
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = found
    .filter((each) => each.isFile())
    .map((each) => path.relative(folder, path.join(each.parentPath, each.name)))
  return { files: files.toSorted(), ignored: ignored.toSorted(), folder }
}

describe('an archive', () => {
  const layouts: [title: string, names: string[], ignored: string[]][] = [
    ['that holds level folders', ['level1/main.ts', 'level3/main.ts'], []],
    ['that holds levels/', ['levels/level1/main.ts', 'levels/level3/main.ts'], []],
    ['with one folder around them', ['anna/level1/main.ts', 'anna/level3/main.ts'], []],
    [
      'of a whole workbook',
      [
        'book-main/levels/level1/main.ts',
        'book-main/levels/level3/main.ts',
        'book-main/levels/level3/README.md',
        'book-main/levels/level3/notes.txt',
        'book-main/levels/register.ts',
        'book-main/tests/public/level1/cases.test.ts',
        'book-main/node_modules/a/level1/index.ts',
        'book-main/package.json',
        'book-main/.git/config',
        '__MACOSX/book-main/._levels',
      ],
      [
        '.git',
        '__MACOSX',
        'level3/notes.txt',
        'node_modules',
        'package.json',
        'register.ts',
        'tests',
      ],
    ],
  ]
  for (const [title, names, ignored] of layouts) {
    it(`${title} becomes a folder with level1 and level3, be it a zip or a tar file`, async () => {
      const files = names.map((name) => ({ name, text: name }))
      const dotted = files.map((file) => ({ ...file, name: `./${file.name}` }))
      for (const from of [
        await fileWith('anna.zip', zipOf(files)),
        await fileWith('anna.tar.gz', tarGzOf(dotted)),
        await fileWith('anna.TGZ', tarGzOf(files)),
      ]) {
        const { files: written, ignored: noted, folder } = await unpacked(from)
        expect(written).toEqual(['level1/main.ts', 'level3/main.ts'])
        expect(noted).toEqual(ignored)
        expect(await readFile(path.join(folder, 'level3/main.ts'), 'utf8')).toMatch(
          /level3\/main\.ts$/,
        )
      }
    })
  }

  it('may be packed by a program on the other systems', async () => {
    const names = ['levels\\level1\\main.ts', 'levels\\level1\\über.txt']
    const { files, ignored } = await unpacked(
      await fileWith('a.zip', zipOf(names.map((name) => ({ name, mode: 0 })))),
    )
    expect(files).toEqual(['level1/main.ts'])
    expect(ignored).toEqual(['level1/über.txt'])
  })

  it('of a workbook with all its packages is read, links among them and all', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `b/node_modules/x/${index}.js`)
    const { files, ignored } = await unpacked(
      await fileWith(
        'a.tgz',
        tarGzOf([
          ...names.map((name) => ({ name })),
          { name: 'b/node_modules/.bin/x', type: 'SymbolicLink', linkpath: '../x/1.js' },
          { name: 'b/levels/level1/main.ts' },
        ]),
      ),
    )
    expect(files).toEqual(['level1/main.ts'])
    expect(ignored).toEqual(['node_modules'])
  })
})

const main = { name: 'level1/main.ts', text: 'export {}\n' }
const many = (count: number, name: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => ({ name: name(index) }))

describe('is refused, and nothing of it written:', () => {
  const inBoth: [title: string, code: string, files: { name: string; text?: string | Buffer }[]][] =
    [
      ['a name that climbs out', 'NAME_OUTSIDE', [{ name: '../level1/a.ts' }]],
      ['a name that climbs out later', 'NAME_OUTSIDE', [{ name: 'level1/../../a.ts' }]],
      ['an absolute name', 'NAME_OUTSIDE', [{ name: '/etc/level1/a.ts' }]],
      ['a name with a drive', 'NAME_OUTSIDE', [{ name: 'C:/level1/a.ts' }]],
      ['a name with a line break', 'BAD_NAME', [{ name: 'level1/a\nb.ts' }]],
      ['two names that differ in letter case', 'SAME_NAME', [{ name: 'level1/Main.ts' }]],
      ['the same name twice', 'SAME_NAME', [main]],
      ['a file that is a folder, too', 'SAME_NAME', [{ name: 'level1/main.ts/b.ts' }]],
      ['a large file', 'FILE_TOO_LARGE', [{ name: 'level1/a.ts', text: Buffer.alloc(MEGABYTE) }]],
      [
        'many files that are large together',
        'TOO_LARGE',
        many(40, (index) => `level1/${index}.ts`).map((file) => ({
          ...file,
          text: Buffer.alloc(MEGABYTE / 4),
        })),
      ],
      ['a thousand and one files', 'TOO_MANY_FILES', many(1000, (index) => `level1/${index}.ts`)],
      ['twenty thousand entries', 'TOO_MANY_FILES', many(20_000, (index) => `x/${index}`)],
    ]
  const inZip: [title: string, code: string, files: ArchiveFile[]][] = [
    ['a symbolic link', 'SYMBOLIC_LINK', [{ name: 'level1/a.ts', mode: 0o120_777, text: '/etc' }]],
    ['a level that is a link', 'SYMBOLIC_LINK', [{ name: 'level3', mode: 0o120_777, text: '/' }]],
    ['a device', 'NOT_A_FILE', [{ name: 'level1/a.ts', mode: 0o060_644 }]],
    ['a name with a NUL', 'BAD_NAME', [{ name: 'level1/a.ts\0.txt' }]],
    ['an encrypted file', 'ENCRYPTED_ARCHIVE', [{ name: 'level1/a.ts', encrypted: true }]],
    ['a false checksum', 'BAD_ARCHIVE', [{ name: 'level1/a.ts', text: 'a', wrongChecksum: true }]],
    [
      'a bomb that says it is small',
      'BAD_ARCHIVE',
      [{ name: 'level1/a.ts', text: Buffer.alloc(50 * MEGABYTE), saidSize: 10 }],
    ],
  ]
  const inTar: [title: string, code: string, files: TarFile[]][] = [
    [
      'a symbolic link',
      'SYMBOLIC_LINK',
      [{ name: 'level1/a.ts', type: 'SymbolicLink', linkpath: '/etc/hostname' }],
    ],
    ['a hard link', 'HARD_LINK', [{ name: 'level1/a.ts', type: 'Link', linkpath: main.name }]],
    ['a FIFO', 'NOT_A_FILE', [{ name: 'level1/a.ts', type: 'FIFO' }]],
    ['a device', 'NOT_A_FILE', [{ name: 'level1/a.ts', type: 'CharacterDevice' }]],
  ]
  const good = tarOf([main])
  const raw: [title: string, code: string, name: string, bytes: Buffer][] = [
    ['a zip file that ends too early', 'BAD_ARCHIVE', 'a.zip', zipOf([main]).subarray(0, 60)],
    ['a zip file of text', 'BAD_ARCHIVE', 'a.zip', Buffer.from('hello')],
    ['an empty zip file', 'NO_LEVEL', 'a.zip', zipOf([])],
    ['a tar file that ends too early', 'BAD_ARCHIVE', 'a.tgz', gzipSync(good).subarray(0, 60)],
    ['a tar file with half an entry', 'BAD_ARCHIVE', 'a.tgz', gzipSync(good.subarray(0, 515))],
    ['a tar file of text', 'BAD_ARCHIVE', 'a.tgz', Buffer.from('hello')],
    ['a tar file packed twice', 'BAD_ARCHIVE', 'a.tgz', gzipSync(gzipSync(good, { level: 0 }))],
    ['a tar file of noise', 'BAD_ARCHIVE', 'a.tgz', gzipSync(Buffer.alloc(4096, 'noise'))],
    ['an empty file', 'BAD_ARCHIVE', 'a.tar.gz', Buffer.alloc(0)],
    ['an archive of another kind', 'UNKNOWN_ARCHIVE', 'a.rar', Buffer.from('Rar!')],
    ['an archive without a level', 'NO_LEVEL', 'a.zip', zipOf([{ name: 'src/main.ts' }])],
    [
      'an archive with levels in two places',
      'NO_LEVEL',
      'a.zip',
      zipOf([{ name: 'a/level1/main.ts' }, { name: 'b/level1/main.ts' }]),
    ],
  ]
  const all: typeof raw = [
    ...[...inBoth, ...inZip].map(([title, code, files]): (typeof raw)[number] => [
      `${title} (zip)`,
      code,
      'a.zip',
      zipOf([main, ...files]),
    ]),
    ...[...inBoth, ...inTar].map(([title, code, files]): (typeof raw)[number] => [
      `${title} (tar)`,
      code,
      'a.tgz',
      tarGzOf([main, ...files]),
    ]),
    ...raw,
  ]
  for (const [title, code, name, bytes] of all) {
    it(title, async () => {
      const into = path.join(await folderWith(), 'into')
      const refusal = unpack(entryAt(await fileWith(name, bytes)), into)
      await expect(refusal).rejects.toMatchObject({ name: 'SubmissionFault', code })
      // A sentence, in one line, that names the archive.
      await expect(refusal).rejects.toThrow(/^[^\n]*\ba\.(zip|tgz|tar\.gz|rar)\b[^\n]*\.$/)
      await expect(readdir(into)).rejects.toThrow('ENOENT')
    })
  }

  it('a tar file that unpacks without end', async () => {
    const zeros = gzipSync(Buffer.alloc(64 * MEGABYTE))
    const bomb = Buffer.concat([tarGzOf([main]), ...Array.from({ length: 9 }, () => zeros)])
    await expect(unpacked(await fileWith('a.tgz', bomb))).rejects.toMatchObject({
      code: 'TOO_LARGE',
    })
  })
})

describe('a folder', () => {
  it('is found at its levels, and what lies beside them is noted', async () => {
    const from = await folderWith({
      'book/levels/level1/main.ts': '',
      'book/levels/register.ts': '',
      'book/package.json': '{}',
      'notes.txt': '',
    })
    const { folder, ignored } = await unpacked(from)
    expect(folder).toBe(path.join(from, 'book/levels'))
    expect(ignored).toEqual(['notes.txt', 'package.json', 'register.ts'])
  })

  it('is not left through links', async () => {
    const elsewhere = await folderWith({ 'level1/main.ts': '' })
    const from = await folderWith({ 'a.txt': '' })
    await symlink(elsewhere, path.join(from, 'levels'))
    await expect(unpacked(from)).rejects.toMatchObject({ code: 'NO_LEVEL' })
    const whole = path.join(await folderWith(), 'anna')
    await symlink(elsewhere, whole)
    await expect(unpacked(whole)).rejects.toMatchObject({ code: 'SYMBOLIC_LINK' })
  })

  it('that is something else is told so', async () => {
    const fifo = path.join(await folderWith(), 'a.zip')
    execFileSync('mkfifo', [fifo])
    await expect(unpacked(fifo)).rejects.toMatchObject({ code: 'UNKNOWN_ARCHIVE' })
    await expect(unpacked('/nowhere/anna')).rejects.toMatchObject({ code: 'NOTHING_HANDED_IN' })
  })
})

describe('the submissions of a class', () => {
  it('are the folders and files of a folder, by name', async () => {
    const from = await folderWith({
      'b, "the=cmd()".tar.gz': '',
      'a.zip': '',
      'c/level1/main.ts': '',
      'd.rar': '',
      '.DS_Store': '',
    })
    expect(await listSubmissions(from)).toEqual([
      { id: 'a', name: 'a', path: path.join(from, 'a.zip') },
      {
        id: 'b, "the=cmd()"',
        name: 'b, "the=cmd()"',
        path: path.join(from, 'b, "the=cmd()".tar.gz'),
      },
      { id: 'c', name: 'c', path: path.join(from, 'c') },
      { id: 'd.rar', name: 'd.rar', path: path.join(from, 'd.rar') },
    ])
  })

  const folders: [title: string, files: Record<string, string>, sentence: RegExp][] = [
    ['an empty folder', {}, /no submission in/],
    ['one submission', { 'level3/main.ts': '' }, /is one submission: name the folder/],
    ['two of one name', { 'a.zip': '', 'a/x': '' }, /a and a\.zip in .* would both be called a/],
    ['two names of one look', { 'a.zip': '', 'a\u200b.zip': '' }, /would both be called a/],
  ]
  for (const [title, files, sentence] of folders) {
    it(`are not ${title}`, async () => {
      const problem = listSubmissions(await folderWith(files))
      await expect(problem).rejects.toMatchObject({ name: 'UsageError' })
      await expect(problem).rejects.toThrow(sentence)
    })
  }

  it('are no file but a roster, and no place that is none', async () => {
    const from = await folderWith({ 'a.zip': '' })
    await expect(listSubmissions(`${from}/a.zip`)).rejects.toThrow(/is one file\. Name the folder/)
    await expect(listSubmissions(`${from}/b`)).rejects.toThrow(/no file or folder/)
  })
})

async function roster(text: string | Buffer) {
  const from = await folderWith({ 'work/one.zip': '', 'work/two.zip': '' })
  const file = path.join(from, 'class.csv')
  await writeFile(file, text)
  await symlink(path.join(from, 'work'), path.join(from, 'linked'))
  await mkdir(path.join(from, 'more'))
  await link(path.join(from, 'work/one.zip'), path.join(from, 'more/one.zip'))
  return { from, entries: listSubmissions(file) }
}

describe('a roster', () => {
  it('gives id, name and path, also behind a BOM, between other columns and with quotes', async () => {
    const { from, entries } = await roster(
      '\uFEFFname,section,ID,path\r\n"Müller, ""Jo""",A,7,work/one.zip\r\n\r\n,B,=cmd(),more/one.zip\r\n',
    )
    expect(await entries).toEqual([
      { id: '7', name: 'Müller, "Jo"', path: path.join(from, 'work/one.zip') },
      { id: '=cmd()', name: '=cmd()', path: path.join(from, 'more/one.zip') },
    ])
  })

  it('may name who has handed in nothing, at the place where it would lie', async () => {
    const { from, entries } = await roster(
      'id,name,path\n1,Jo,linked/three.zip\n2,Al,work/one.zip/x\n3,Di,work/one.zip\n',
    )
    expect((await entries).map((entry) => entry.path)).toEqual([
      path.join(from, 'work/three.zip'),
      path.join(from, 'work/one.zip/x'),
      path.join(from, 'work/one.zip'),
    ])
    for (const entry of (await entries).slice(0, 2))
      await expect(unpack(entry, await folderWith())).rejects.toThrow(
        /^Nothing was handed in: there is no (three\.zip|x) where it should lie\.$/,
      )
  })

  const wrong: [title: string, text: string | Buffer, sentence: RegExp][] = [
    ['is empty', '', /class\.csv is empty/],
    ['has no rows', 'id,name,path\n', /names no submission/],
    ['lacks a column', 'id,name\n1,a\n', /line 1: .*path is not among them.*id,name/],
    ['has other separators', 'id;name;path\n1;a;b\n', /line 1: .*separated by commas/],
    ['lacks an id', 'id,name,path\n,a,work/one.zip\n', /line 2 has no id/],
    ['lacks a path', 'id,name,path\n1,a,\n', /line 2 has no path/],
    [
      'leads nowhere',
      'id,name,path\n1,a,works/one.zip\n2,b,works/two.zip\n',
      /class\.csv leads nowhere: .*\/works\/one\.zip\. .* from the folder of class\.csv/,
    ],
    [
      'names an id twice',
      'id,name,path\n1,a,work/one.zip\n1,b,work/two.zip\n',
      /line 3 has the id "1" of line 2/,
    ],
    [
      'has a row too long',
      'id,name,path\n1,Doe, Jo,work/one.zip\n',
      /line 2 has 4 columns.*quotes/,
    ],
    [
      'never closes a quote',
      'id,name,path\n1,"a,b\n',
      /quote that opens in line 2 is never closed/,
    ],
    ['has a quote astray', 'id,name,path\n1,a"b,c\n', /line 2 has a quote in a wrong place/],
    [
      'is not UTF-8',
      Buffer.from('id,name,path\n1,M\xFCller,x\n', 'latin1'),
      /not encoded as UTF-8/,
    ],
  ]
  for (const [title, text, sentence] of wrong) {
    it(`that ${title} is told so, with the line`, async () => {
      const { entries } = await roster(text)
      await expect(entries).rejects.toMatchObject({ name: 'UsageError' })
      await expect(entries).rejects.toThrow(sentence)
    })
  }

  it('with many mistakes names the first ten, and counts the others', async () => {
    const rows = Array.from({ length: 30 }, () => ',a,b').join('\n')
    const { entries } = await roster(`id,name,path\n${rows}\n`)
    await expect(entries).rejects.toThrow(/line 11 has no id\.\n.*and 20 more\.$/)
  })
})

describe('an archive that cannot be read says why, in words:', () => {
  const good = tarGzOf([main])
  const broken: [name: string, bytes: Buffer, why: string][] = [
    ['a.zip', Buffer.alloc(0), 'it is empty'],
    ['a.tar.gz', Buffer.alloc(0), 'it is empty'],
    ['a.tgz', gzipSync(''), 'nothing is packed in it'],
    ['a.zip', good, 'it is no zip archive, or only the beginning of one'],
    ['a.tgz', zipOf([main]), 'it is no .tar.gz archive, whatever its name says'],
    ['a.tgz', good.subarray(0, 5), 'only the beginning of it is here'],
    [
      'a.tgz',
      gzipSync(Buffer.alloc(4096, 'noise')),
      'what is packed in it is no tar file, or a damaged one',
    ],
    [
      'a.zip',
      zipOf([{ ...main, saidSize: 1 }]),
      'a file in it is shorter or longer than its list of files says',
    ],
  ]
  for (const [name, bytes, why] of broken) {
    it(`${name}: ${why}`, async () => {
      const refusal = unpack(entryAt(await fileWith(name, bytes)), await folderWith())
      await expect(refusal).rejects.toThrow(
        `${name} is damaged, or is no such archive (${why}): hand it in again.`,
      )
    })
  }
})
