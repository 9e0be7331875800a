import bidiFactory from "bidi-js"
import { type Face, faceOf } from "./pdf-fonts.ts"

/** What is set in one go: one face, one direction, and either a blank or none in it. */
export interface Unit {
  readonly text: string
  readonly face: Face
  readonly width: number
  /** Embedding level (UAX #9): odd ones run from right to left. */
  readonly level: number
}

/** A line as it is seen, from left to right. */
export interface Line {
  readonly units: ReadonlyArray<Unit>
  readonly width: number
  /** Its paragraph runs from right to left. */
  readonly rightToLeft: boolean
}

export interface Setting {
  readonly width: number
  readonly weight: "regular" | "bold"
  /** Width of a text in a face, at the size that is set. */
  readonly measure: (text: string, face: Face) => number
}

// The package is CommonJS, and its declarations say that it is not.
const bidi = (bidiFactory as unknown as typeof bidiFactory.default)()
const clusters = new Intl.Segmenter("en", { granularity: "grapheme" })
/** Between these a line may be broken although there is no blank. */
const ideographic = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u

const isBlank = ({ text }: Pick<Unit, "text">): boolean => text === " "

/** A paragraph, cut where the face, the direction or a word changes. */
const unitsOf = (
  text: string,
  { weight, measure }: Setting
): { readonly units: ReadonlyArray<Unit>; readonly base: number } => {
  const { levels, paragraphs } = bidi.getEmbeddingLevels(text, "auto")
  const units: Array<{ text: string; face: Face; level: number }> = []
  for (const { segment, index } of clusters.segment(text)) {
    const level = levels[index] ?? 0
    const blank = /^\s+$/u.test(segment)
    const mirrored = level % 2 === 1 ? bidi.getMirroredCharacter(segment) : null
    const face = blank ? weight : faceOf(segment, weight)
    const last = units.at(-1)
    const joins = !blank && last?.face === face && last.level === level && !isBlank(last) && !ideographic.test(segment)
    if (joins && last !== undefined) last.text += mirrored ?? segment
    else units.push({ text: blank ? " " : (mirrored ?? segment), face, level })
  }
  const base = paragraphs[0]?.level ?? 0
  return { base, units: units.map((unit) => ({ ...unit, width: measure(unit.text, unit.face) })) }
}

/** A word that is wider than the line, cut into what fits. */
const cut = (unit: Unit, { width, measure }: Setting): ReadonlyArray<Unit> => {
  if (unit.width <= width) return [unit]
  const parts: Array<Unit> = []
  let text = ""
  const push = (): void => {
    if (text !== "") parts.push({ ...unit, text, width: measure(text, unit.face) })
  }
  for (const { segment } of clusters.segment(unit.text)) {
    if (text !== "" && measure(text + segment, unit.face) > width) {
      push()
      text = ""
    }
    text += segment
  }
  push()
  return parts
}

/** The units of a line in the order in which they are seen (UAX #9, rule L2). */
const asSeen = (units: ReadonlyArray<Unit>): ReadonlyArray<Unit> => {
  const seen = [...units]
  const highest = Math.max(0, ...units.map(({ level }) => level))
  for (let level = highest; level > 0; level--) {
    for (let from = 0; from < seen.length; from++) {
      let to = from
      while (to < seen.length && (seen[to]?.level ?? 0) >= level) to++
      if (to > from + 1) seen.splice(from, to - from, ...seen.slice(from, to).reverse())
      from = Math.max(from, to - 1)
    }
  }
  return seen
}

/** Where a line may be broken: at a blank, and before a sign that stands for a word. */
const wordsOf = (units: ReadonlyArray<Unit>): ReadonlyArray<ReadonlyArray<Unit>> => {
  const found: Array<Array<Unit>> = []
  for (const unit of units) {
    const last = found.at(-1)
    const apart = last === undefined || isBlank(unit) || last.every(isBlank) || ideographic.test(unit.text)
    if (apart) found.push([unit])
    else last.push(unit)
  }
  return found
}

const widthOf = (units: ReadonlyArray<Unit>): number => units.reduce((sum, { width }) => sum + width, 0)

/** A blank at the end of a line is not seen. */
const withoutBlanks = (units: ReadonlyArray<Unit>): ReadonlyArray<Unit> =>
  units.slice(0, units.findLastIndex((unit) => !isBlank(unit)) + 1)

const brokenParagraph = (paragraph: string, setting: Setting): ReadonlyArray<Line> => {
  const { units, base } = unitsOf(paragraph, setting)
  const lines: Array<Line> = []
  let line: Array<Unit> = []
  let filled = 0
  const end = (): void => {
    const seen = withoutBlanks(line)
    lines.push({ units: asSeen(seen), width: widthOf(seen), rightToLeft: base % 2 === 1 })
    line = []
    filled = 0
  }
  for (const word of wordsOf(units)) {
    const wide = widthOf(word)
    if (word.every(isBlank)) {
      // The blank where a line is broken stands on neither of them.
      if (line.length > 0 && filled + wide > setting.width) end()
      else if (line.length > 0 || lines.length === 0) line.push(...word)
      filled = widthOf(line)
      continue
    }
    if (line.length > 0 && filled + wide > setting.width) end()
    for (const unit of word.flatMap((one) => cut(one, setting))) {
      if (line.length > 0 && filled + unit.width > setting.width) end()
      line.push(unit)
      filled += unit.width
    }
  }
  end()
  return lines
}

/** Breaks a text into lines of a width. Whatever it holds, no line is wider, and no sign of it is left out. */
export const linesOf = (text: string, setting: Setting): ReadonlyArray<Line> =>
  text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .flatMap((paragraph) => brokenParagraph(paragraph.replaceAll("\t", "    "), setting))
