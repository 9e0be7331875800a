import type { PictureType } from "../domain/evidence.ts"

/** Larger is no snapshot of a door camera: 4K at the best JPEG quality stays below it. */
export const pictureBytesMax = 4 * 1024 * 1024

const startsWith = (bytes: Uint8Array, magic: ReadonlyArray<number>): boolean =>
  magic.every((byte, at) => bytes[at] === byte)

/** ISO/IEC 10918-1, annex B: start of image, then a marker. */
const jpeg = [0xff, 0xd8, 0xff]

/** ISO/IEC 15948, section 5.2. */
const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

const megabytes = (bytes: number): string => `${(bytes / (1024 * 1024)).toFixed(1)} MB`

/** What a camera sends in place of a picture, as far as it can be told: most often the page that asks to sign in. */
const otherThan = (bytes: Uint8Array): string => {
  if (bytes.byteLength === 0) return "nothing"
  const text = String.fromCharCode(...bytes.subarray(0, 256))
    .trimStart()
    .toLowerCase()
  if (text.startsWith("<!doctype html") || text.startsWith("<html")) return "a web page"
  if (text.startsWith("<")) return "XML"
  if (text.startsWith("{") || text.startsWith("[")) return "JSON"
  return "bytes that are neither JPEG nor PNG"
}

/** What the bytes are by themselves, whatever their device calls them; or why they are no picture that is kept. */
export const pictureTypeOf = (bytes: Uint8Array): PictureType | { readonly refused: string } => {
  if (bytes.byteLength > pictureBytesMax) {
    return { refused: `the picture has ${megabytes(bytes.byteLength)}; at most 4 MB are kept` }
  }
  if (startsWith(bytes, jpeg)) return "image/jpeg"
  if (startsWith(bytes, png)) return "image/png"
  return { refused: `it is no picture: the camera sent ${otherThan(bytes)}` }
}
