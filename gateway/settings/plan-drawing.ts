import { createHash } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import sax, { type QualifiedTag, type Tag } from "sax"

/** A plan's drawing, looked through. */
export interface Drawing {
  readonly svg: Uint8Array
  /** SHA-256, hexadecimal. */
  readonly digest: string
  readonly box: readonly [left: number, top: number, width: number, height: number]
}

/** Every console loads it, phones too; a floor plan of an architect, cleaned, is well below. */
export const drawingMaxBytes = 2 * 1024 * 1024

/** What runs, or shows something that is not drawn. */
const refusedElements: ReadonlySet<string> = new Set([
  "script",
  "foreignobject",
  "iframe",
  "object",
  "embed",
  "audio",
  "video"
])

const nameOf = (name: string): string => (name.split(":").at(-1) ?? name).toLowerCase()

const isInside = (address: string): boolean =>
  address.startsWith("#") || /^data:image\/(?:png|jpeg|webp);/.test(address)

/** `url(https://…)`, and what a style sheet imports. */
const isReachingOut = (style: string): boolean =>
  /@import/i.test(style) ||
  [...style.matchAll(/url\(\s*["']?([^"')]*)/gi)].some(([, address]) => !isInside(address ?? ""))

const faultOfTag = ({ name, attributes }: Tag | QualifiedTag): string | undefined => {
  if (refusedElements.has(nameOf(name))) return `<${name}> is no drawing`
  for (const [key, value] of Object.entries(attributes)) {
    const text = typeof value === "string" ? value : value.value
    if (/^on/i.test(nameOf(key))) return `${key} of <${name}> runs a program`
    // Leading blanks and control characters are dropped by whoever follows an address.
    // oxlint-disable-next-line no-control-regex
    if (nameOf(key) === "href" && !isInside(text.replace(/[\u0000-\u0020]/g, ""))) {
      return `${key} of <${name}> leads out of the drawing`
    }
    if (isReachingOut(text)) return `${key} of <${name}> leads out of the drawing`
  }
  return undefined
}

const boxOf = (root: Tag | QualifiedTag): Drawing["box"] | undefined => {
  const written = root.attributes["viewBox"]
  const text = typeof written === "string" ? written : written?.value
  const [left = NaN, top = NaN, width = NaN, height = NaN, ...more] = (text ?? "")
    .trim()
    .split(/[\s,]+/)
    .map(Number)
  const isBox = [left, top, width, height].every(Number.isFinite) && width > 0 && height > 0 && more.length === 0
  return isBox ? [left, top, width, height] : undefined
}

/** Looks through an SVG: what it shows, or in a clause why it is not taken. */
const lookThrough = (svg: string): { readonly box: Drawing["box"] } | { readonly why: string } => {
  const reader = sax.parser(true)
  let why: string | undefined
  let root: Tag | QualifiedTag | undefined
  const fault = (what: string): void => void (why ??= `line ${reader.line + 1}: ${what}`)
  reader.ondoctype = (text) => {
    if (text.includes("[")) fault("entities of its own are not read")
  }
  reader.onopentag = (tag) => {
    root ??= tag
    const found = faultOfTag(tag)
    if (found !== undefined) fault(found)
  }
  const ontext = (text: string): void => {
    if (isReachingOut(text)) fault("its style sheet leads out of the drawing")
  }
  reader.ontext = ontext
  reader.oncdata = ontext
  reader.onprocessinginstruction = ({ name }) => {
    if (name.toLowerCase() === "xml-stylesheet") fault("it takes its style sheet from elsewhere")
  }
  reader.onerror = (error) => {
    fault(error.message.split("\n")[0] ?? "it is not XML")
    reader.resume()
  }
  reader.write(svg).close()
  if (root === undefined || nameOf(root.name) !== "svg") return { why: why ?? "it is no SVG" }
  if (why !== undefined) return { why }
  const box = boxOf(root)
  return box === undefined ? { why: "it has no viewBox, by which places on it are counted" } : { box }
}

/** Reads a drawing and refuses what could do more than be seen; `why`: in a clause, with the line of the drawing. */
export const readDrawing = (file: string): Drawing | { readonly why: string } => {
  try {
    if (statSync(file).size > drawingMaxBytes) return { why: `it is longer than ${drawingMaxBytes} bytes` }
    const svg = readFileSync(file)
    const looked = lookThrough(svg.toString("utf8"))
    if ("why" in looked) return looked
    return { svg, digest: createHash("sha256").update(svg).digest("hex"), box: looked.box }
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT"
    return { why: missing ? "there is no such file" : cause instanceof Error ? cause.message : String(cause) }
  }
}
