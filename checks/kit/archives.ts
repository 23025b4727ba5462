/** Makes archives byte by byte: also such as no packer would make. */
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { Header, type types } from 'tar'

export interface ArchiveFile {
  readonly name: string
  readonly text?: string | Buffer
  /** As `stat` has it: 0o120777 is a symbolic link. */
  readonly mode?: number
  /** What the archive says of the size, if that is not the truth. */
  readonly saidSize?: number
  readonly encrypted?: true
  readonly wrongChecksum?: true
}

/** A zip file with these entries, deflated. */
export function zipOf(files: readonly ArchiveFile[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, text = '', mode = 0o100_644, saidSize, encrypted, wrongChecksum } of files) {
    const content = Buffer.from(text)
    const packed = deflateRawSync(content)
    const bytes = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    // The name is UTF-8; the lowest bit says that the content is encrypted.
    common.writeUInt16LE(0x800 | (encrypted ? 1 : 0), 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE((crc32(content) ^ (wrongChecksum ? 1 : 0)) >>> 0, 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(saidSize ?? content.length, 18)
    common.writeUInt16LE(bytes.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, bytes, packed])
    const end = Buffer.alloc(14)
    end.writeUInt32LE((mode << 16) >>> 0, 6)
    end.writeUInt32LE(offset, 10)
    const madeBy = Buffer.from([20, 3])
    directory.push(Buffer.from('PK\x01\x02'), madeBy, common, end, bytes)
    locals.push(local)
    offset += local.length
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(files.length, 4)
  end.writeUInt16LE(files.length, 6)
  end.writeUInt32LE(size, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...locals, ...directory, Buffer.from('PK\x05\x06'), end])
}

export interface TarFile {
  readonly name: string
  readonly text?: string | Buffer
  readonly type?: types.EntryTypeName
  readonly linkpath?: string
}

/** A tar file with these entries. */
export function tarOf(files: readonly TarFile[]): Buffer {
  const blocks = files.flatMap(({ name, text = '', type = 'File', linkpath }) => {
    const content = Buffer.from(text)
    const header = new Header()
    header.path = name
    header.type = type
    header.size = content.length
    header.mode = 0o644
    header.mtime = new Date(0)
    if (linkpath !== undefined) header.linkpath = linkpath
    const block = Buffer.alloc(512)
    if (header.encode(block)) throw new Error(`${name} is too long for a plain tar header`)
    return [block, content, Buffer.alloc((512 - (content.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

export function tarGzOf(files: readonly TarFile[]): Buffer {
  return gzipSync(tarOf(files))
}
