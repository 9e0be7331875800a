import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { inflateSync } from "node:zlib"
import { create } from "fontkit"

const files = createRequire(import.meta.url)

/** What a text is set in. */
export type Face = "regular" | "bold" | "other"

/** WOFF 1.0 (W3C, section 4 and 5): the header's length, and that of an entry of the table directory. */
const woff = { header: 44, entry: 20 } as const
/** The same of an OpenType font (ISO/IEC 14496-22, 4.5). */
const sfnt = { header: 12, entry: 16 } as const

/**
 * The font inside a WOFF file. Reading glyphs out of the file itself would inflate its outlines anew for each of them:
 * seconds for a page.
 */
const unpacked = (packed: Buffer): Buffer => {
  const count = packed.readUInt16BE(12)
  const head = Buffer.alloc(sfnt.header + count * sfnt.entry)
  packed.copy(head, 0, 4, 8)
  head.writeUInt16BE(count, 4)
  const tables: Array<Buffer> = []
  let at = head.length
  for (let nth = 0; nth < count; nth++) {
    const entry = woff.header + nth * woff.entry
    const [offset, length] = [packed.readUInt32BE(entry + 4), packed.readUInt32BE(entry + 8)]
    const whole = packed.readUInt32BE(entry + 12)
    const stored = packed.subarray(offset, offset + length)
    const table = length < whole ? inflateSync(stored) : stored
    const here = sfnt.header + nth * sfnt.entry
    packed.copy(head, here, entry, entry + 4)
    packed.copy(head, here + 4, entry + 16, entry + 20)
    head.writeUInt32BE(at, here + 8)
    head.writeUInt32BE(whole, here + 12)
    const padded = Buffer.alloc(Math.ceil(whole / 4) * 4)
    table.copy(padded)
    tables.push(padded)
    at += padded.length
  }
  return Buffer.concat([head, ...tables])
}

const read = (file: string): Buffer => readFileSync(files.resolve(file))

let known: { readonly faces: Readonly<Record<Face, Buffer>>; readonly covered: ReadonlySet<number> } | undefined

const load = () => {
  if (known !== undefined) return known
  const regular = read("dejavu-fonts-ttf/ttf/DejaVuSans.ttf")
  const font = create(regular)
  const covered = new Set("characterSet" in font ? font.characterSet : [])
  const bold = read("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf")
  const other = unpacked(read("@fontsource/unifontex/files/unifontex-latin-400-normal.woff"))
  known = { faces: { regular, bold, other }, covered }
  return known
}

/**
 * The fonts of a report, read once. DejaVu has Latin, Greek, Cyrillic, Arabic, Hebrew and more; Unifont has what it does
 * not, in one weight.
 */
export const faces = (): Readonly<Record<Face, Buffer>> => load().faces

const invisible = /^[\p{Cf}\p{Mn}\p{Me}]$/u

/** The face that shows a whole cluster: a letter with its marks is never set from two. */
export const faceOf = (cluster: string, wanted: "regular" | "bold"): Face => {
  const { covered } = load()
  for (const sign of cluster) {
    if (!covered.has(sign.codePointAt(0) ?? 0) && !invisible.test(sign)) return "other"
  }
  return wanted
}
